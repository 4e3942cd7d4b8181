// Times sharp on the jobs of resize_bench.cpp: node resize_sharp.mjs FOLDER_WITH_SHARP JOBS.json
// Prints the shortest time of each job in milliseconds as a JSON list, and writes the results where the jobs say.
// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [folder, list] = process.argv.slice(2);
const sharp = createRequire(resolve(folder, 'package.json'))('sharp');
sharp.concurrency(1);
sharp.cache(false);

const times = [];
for (const job of JSON.parse(readFileSync(list))) {
  const photo = readFileSync(job.in);
  let shortest = Infinity;
  let result;
  for (let round = 0; round < job.rounds; ++round) {
    const begin = process.hrtime.bigint();
    result = await sharp(photo)
      .autoOrient()
      .resize(job.width, job.height, { fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: job.quality })
      .toBuffer();
    shortest = Math.min(shortest, Number(process.hrtime.bigint() - begin) / 1e6);
  }
  writeFileSync(job.out, result);
  times.push(shortest);
}
console.log(JSON.stringify(times));
