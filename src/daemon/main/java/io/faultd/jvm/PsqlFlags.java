package io.faultd.jvm;

import org.jspecify.annotations.Nullable;

/** The flags that say which SQL statements are struck: those to which all of them fit. */
interface PsqlFlags extends CallFlags {
  /** The first word of the statement. */
  @Nullable String sqltype();

  /** The first table in it, without a schema. */
  @Nullable String table();

  /** The database of the connection. */
  @Nullable String database();

  /** The host that it is connected to, as the client calls it. */
  @Nullable String host();

  /** The port that it is connected to. */
  @Nullable Integer port();

  @Override
  default Calls calls() {
    String driver = "PostgreSQL's driver";
    return Calls.of("psql", "statements of " + driver, driver + " is not loaded yet", this)
        .with("sqltype", sqltype())
        .with("table", table())
        .with("database", database())
        .with("host", host())
        .with("port", port());
  }
}
