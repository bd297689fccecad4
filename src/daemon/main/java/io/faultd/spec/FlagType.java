package io.faultd.spec;

/** What kind of value a flag has; says how its text is read and which Java type it becomes. */
public enum FlagType {
  /** Any text: {@code String}. */
  TEXT,
  /** No argument, or true or false: {@code boolean}. */
  SWITCH,
  /** A whole number: {@code int} or {@code long}, boxed where it may be absent. */
  INTEGER,
  /** A number: {@code double}. */
  NUMBER,
  /** A time span, bare numbers in the flag's unit: {@code Duration}. */
  DURATION,
  /** An amount of bytes, bare numbers in the flag's unit: {@code long}. */
  SIZE,
  /** An absolute path of UTF-8 text: {@code String}. */
  PATH,
  /** A permission mode of three or four octal digits: {@code int}. */
  MODE,
  /** A signal by number or name, with or without SIG: {@code int}. */
  SIGNAL,
  /** Texts separated by commas: {@code List<String>}. */
  TEXTS,
  /** Whole numbers and ranges separated by commas (0-3,7): {@code List<Integer>}. */
  NUMBERS
}
