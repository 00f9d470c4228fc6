//! `M`: the manifest itself, readable without any other file.

use crate::diagnostic::code::codes;

codes! {
    UNREADABLE = "M001", "a file cannot be read",
        cause: "The file or folder is not there, or the system does not let reseat read it.",
        remedy: "Check the path and its permissions.";
    NOT_UTF8 = "M002", "a file is not UTF-8 text",
        cause: "The bytes at this place are no UTF-8 text; often the file was saved as Latin-1 or UTF-16.",
        remedy: "Save the file as UTF-8.";
    SYNTAX = "M003", "a file is not well-formed YAML",
        cause: "The text breaks a rule of YAML 1.2, so nothing in the file can be trusted.",
        remedy: "Mend the line shown; usually it is an indentation, a missing colon or an unclosed bracket or quote.";
    DUPLICATE_KEY = "M004", "the same key stands twice",
        cause: "A key says the same thing only once, also across files; one of the two values would be lost in silence.",
        remedy: "Remove one of the two, or merge what they say.";
    LIMIT = "M005", "a file is larger or deeper than reseat reads",
        cause: "Size, nesting, aliases and the number of files are limited, so that a hostile file cannot exhaust the machine.",
        remedy: "Split the file, or write out what the aliases stand for.";
    SEVERAL_DOCUMENTS = "M006", "a file holds more than one YAML document",
        cause: "A line `---` starts another document, and it is not clear whether both are meant.",
        remedy: "Put each document into a file of its own.";
    CONTROL_CHARACTER = "M007", "a file holds an invisible control character",
        cause: "Control characters can hide text from a reviewer, and YAML does not allow them.",
        remedy: "Delete the character, or write it as an escape within double quotes.";
    MERGE_KEY = "M008", "a merge key is not YAML 1.2",
        cause: "`<<` belongs to an old draft of YAML; what it does differs from reader to reader.",
        remedy: "Write the keys out, or repeat them with an alias for each value.";
    BYTE_ORDER_MARK = "M009", "a file begins with a byte-order mark",
        cause: "Some editors put an invisible mark in front of UTF-8 text. It is skipped.",
        remedy: "Nothing has to be done; save the file without it to be rid of this note.";
    UNKNOWN_KEY = "M101", "a key is not known",
        cause: "No key of that name may stand here. A misspelled key would otherwise be passed over in silence, and somebody could lose a seat by it.",
        remedy: "Correct the spelling, or move the key to where it belongs; `reseat schema manifest` lists them all.";
    MISSING_KEY = "M102", "a key is missing",
        cause: "What is described here cannot do without that key.",
        remedy: "Add the key.";
    WRONG_TYPE = "M103", "a value is of the wrong kind",
        cause: "A text, number, truth value, list or map was expected, and something else stands there. Without quotes, `12` is a number and `true` a truth value.",
        remedy: "Write what the message asks for; put a text that looks like a number into quotes.";
    UNKNOWN_WORD = "M104", "a word is not one of those that may stand here",
        cause: "The value is one of a few words, and this is none of them.",
        remedy: "Write one of the words that the help lists.";
}
