// The shells agree on one thing: for the words before the cursor there are candidates, or file names. So each script is
// a table (command, option that waits for its value) -> candidates, written in the shell's language.
// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include <ostream>
#include <string_view>
#include <vector>

#include "cli/exit_code.h"
#include "cli/load_pipeline.h"

namespace penstock::cli {
namespace {

struct OptionEntry {
  std::vector<std::string> flags;  ///< "-h", "--help"; empty for a positional.
  std::string description;
  std::vector<std::string> choices;
  bool takes_value = false;
  bool takes_file = false;  ///< Nothing else is known of its value.
};

struct CommandEntry {
  std::string name;
  std::string description;
  std::vector<OptionEntry> options;
  OptionEntry positional;
};

/// The choices of an option with an IsMember check: CLI11 writes them as `{a,b,c}` into the check's description.
std::vector<std::string> choices_of(const CLI::Option& option) {
  std::vector<std::string> choices;
  const CLI::Validator* check = nullptr;
  try {
    check = const_cast<CLI::Option&>(option).get_validator(0);
  } catch (const CLI::OptionNotFound&) {
    return choices;
  }
  const std::string text = check->get_description();
  if (!text.starts_with('{') || !text.ends_with('}')) return choices;
  std::string word;
  for (const char c : text.substr(1)) {
    if (c == ',' || c == '}') {
      choices.push_back(std::move(word));
      word.clear();
    } else {
      word += c;
    }
  }
  return choices;
}

OptionEntry entry_of(const CLI::Option& option) {
  OptionEntry entry;
  for (const std::string& name : option.get_snames()) entry.flags.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) entry.flags.push_back("--" + name);
  entry.description = option.get_description();
  entry.takes_value = option.get_items_expected_max() > 0;
  entry.choices = choices_of(option);
  const std::string& name = entry.flags.empty() ? option.get_name() : option.get_type_name();
  entry.takes_file = name == "FILE" || name == "FOLDER";
  if (name == "TYPE") {
    for (const auto& spec : builtin_registry().specs()) entry.choices.push_back(spec->type);
  }
  return entry;
}

std::vector<CommandEntry> entries_of(const CLI::App& app) {
  std::vector<CommandEntry> commands;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    CommandEntry entry;
    entry.name = command->get_name();
    entry.description = command->get_description();
    for (const CLI::Option* option : command->get_options()) {
      if (option->get_positional()) {
        entry.positional = entry_of(*option);
      } else {
        entry.options.push_back(entry_of(*option));
      }
    }
    commands.push_back(std::move(entry));
  }
  return commands;
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : separator).append(word);
  return text;
}

/// Within single quotes of a POSIX shell.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::vector<std::string> flags_of(const CommandEntry& command) {
  std::vector<std::string> flags;
  for (const OptionEntry& option : command.options) flags.insert(flags.end(), option.flags.begin(), option.flags.end());
  return flags;
}

std::string bash_candidates(const OptionEntry& option) {
  if (!option.choices.empty())
    return "COMPREPLY=($(compgen -W " + shell_quoted(join(option.choices, " ")) + " -- \"$word\"))";
  return option.takes_file ? "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$word\"))" : "COMPREPLY=()";
}

void print_bash(std::ostream& out, const std::vector<CommandEntry>& commands, const OptionEntry& global) {
  std::vector<std::string> names;
  for (const CommandEntry& command : commands) names.push_back(command.name);
  out << "_penstock() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  if ((COMP_CWORD == 1)); then\n"
         "    COMPREPLY=($(compgen -W "
      << shell_quoted(join(names, " ") + " " + join(global.flags, " "))
      << " -- \"$word\"))\n    return\n  fi\n"
         "  case \"${COMP_WORDS[1]} $before\" in\n";
  for (const CommandEntry& command : commands) {
    for (const OptionEntry& option : command.options) {
      if (!option.takes_value) continue;
      for (const std::string& flag : option.flags) {
        out << "    " << shell_quoted(command.name + " " + flag) << ") " << bash_candidates(option) << "; return ;;\n";
      }
    }
  }
  out << "  esac\n  case \"${COMP_WORDS[1]}\" in\n";
  for (const CommandEntry& command : commands) {
    out << "    " << command.name << ")\n"
        << "      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W " << shell_quoted(join(flags_of(command), " "))
        << " -- \"$word\")); else " << bash_candidates(command.positional) << "; fi ;;\n";
  }
  out << "  esac\n}\ncomplete -F _penstock penstock\n";
}

/// A description inside of [ ] of a zsh argument specification.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_values(const OptionEntry& option) {
  if (!option.choices.empty()) return ":value:(" + join(option.choices, " ") + ")";
  return option.takes_file ? ":file:_files" : ":value:";
}

void print_zsh(std::ostream& out, const std::vector<CommandEntry>& commands, const OptionEntry& global) {
  out << "#compdef penstock\n_penstock() {\n  local -a commands=(\n";
  for (const CommandEntry& command : commands) {
    out << "    " << shell_quoted(command.name + ":" + zsh_text(command.description)) << "\n";
  }
  out << "  )\n  if ((CURRENT == 2)); then\n    _describe command commands\n    compadd -- " << join(global.flags, " ")
      << "\n    return\n  fi\n  local command=$words[2]\n"
         "  shift words; ((CURRENT--))\n  case $command in\n";
  for (const CommandEntry& command : commands) {
    out << "    " << command.name << ")\n      _arguments";
    for (const OptionEntry& option : command.options) {
      for (const std::string& flag : option.flags) {
        std::string text = "*" + flag + "[" + zsh_text(option.description) + "]";
        if (option.takes_value) text += zsh_values(option);
        out << " \\\n        " << shell_quoted(text);
      }
    }
    if (command.positional.takes_value) out << " \\\n        " << shell_quoted("*" + zsh_values(command.positional));
    out << " ;;\n";
  }
  // Sourced, it registers itself; found by name on the path of functions, it is called.
  out << "  esac\n}\nif [[ $zsh_eval_context[-1] == loadautofunc ]]; then _penstock \"$@\"; else compdef _penstock "
         "penstock; fi\n";
}

/// Within single quotes of fish, which takes backslashes there.
std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_values(const OptionEntry& option) {
  if (!option.choices.empty()) return " -x -a " + fish_quoted(join(option.choices, " "));
  return option.takes_file ? " -r -F" : " -x";
}

void print_fish(std::ostream& out, const std::vector<CommandEntry>& commands, const OptionEntry& global) {
  out << "complete -c penstock -f\n";
  const auto print_flags = [&out](const OptionEntry& option) {
    for (const std::string& flag : option.flags) {
      out << (flag.starts_with("--") ? " -l " + flag.substr(2) : " -s " + flag.substr(1));
    }
  };
  for (const std::string& flag : global.flags) {
    out << "complete -c penstock -n __fish_use_subcommand -a " << fish_quoted(flag) << "\n";
  }
  for (const CommandEntry& command : commands) {
    out << "complete -c penstock -n __fish_use_subcommand -a " << command.name << " -d "
        << fish_quoted(command.description) << "\n";
    const std::string when = "complete -c penstock -n " + fish_quoted("__fish_seen_subcommand_from " + command.name);
    for (const OptionEntry& option : command.options) {
      out << when;
      print_flags(option);
      out << " -d " << fish_quoted(option.description) << (option.takes_value ? fish_values(option) : "") << "\n";
    }
    if (command.positional.takes_value) {
      out << when << (command.positional.takes_file ? " -F" : fish_values(command.positional)) << "\n";
    }
  }
}

}  // namespace

int print_completion(const CLI::App& app, const std::string& shell, std::ostream& out) {
  const std::vector<CommandEntry> commands = entries_of(app);
  OptionEntry global;
  for (const CLI::Option* option : app.get_options()) {
    const std::vector<std::string> flags = entry_of(*option).flags;
    global.flags.insert(global.flags.end(), flags.begin(), flags.end());
  }
  if (shell == "bash") print_bash(out, commands, global);
  if (shell == "zsh") print_zsh(out, commands, global);
  if (shell == "fish") print_fish(out, commands, global);
  return kAllDone;
}

}  // namespace penstock::cli
