package io.faultd.fault;

/** Why something was refused or failed: the vocabulary of every interface. */
public enum Reason {
  /** The request itself cannot be read. */
  BAD_REQUEST(48000),
  /** A flag that is needed is absent. */
  MISSING_PARAMETER(45000),
  /** A flag has a value that cannot be, or there is no such flag. */
  ILLEGAL_PARAMETER(46000),
  /** Nobody we know. */
  UNAUTHENTICATED(43000),
  /** Not allowed: role or guard rail. */
  FORBIDDEN(43000),
  /** No such action. */
  UNKNOWN_ACTION(44000),
  /** No such experiment or preparation. */
  UNKNOWN_UID(67002),
  /** No process, file, container or JVM matches. */
  TARGET_NOT_FOUND(63012),
  /** Claimed by another, uid taken, or already so. */
  CONFLICT(69001),
  /** This node cannot; the message names what is missing. */
  UNSUPPORTED(69002),
  /** Too many at once. */
  LIMIT(69003),
  /** The data folder cannot be written. */
  STORE_UNAVAILABLE(67001),
  /** It did not work; what was done was undone. */
  INJECT_FAILED(63063),
  /** Destroyed, but something could not be put back. */
  RESIDUE(69004);

  private final int code;

  Reason(int code) {
    this.code = code;
  }

  /** The code of the catalogue, unless a failure names a better one. */
  public int code() {
    return code;
  }
}
