package io.faultd.jvm;

import org.jspecify.annotations.Nullable;

/**
 * The flags that say which SQL statements are struck: those to which all of them fit.
 *
 * @param common in which JVM, and how many
 * @param sqltype the first word of the statement
 * @param table the first table in it, without a schema
 * @param database the database of the connection
 * @param host the host that it is connected to, as the client calls it
 * @param port the port that it is connected to
 */
record PsqlFlags(
    CallFlags common,
    @Nullable String sqltype,
    @Nullable String table,
    @Nullable String database,
    @Nullable String host,
    @Nullable Integer port)
    implements CallFlags.Which {

  @Override
  public Calls calls() {
    String driver = "PostgreSQL's driver";
    return Calls.of("psql", "statements of " + driver, driver + " is not loaded yet", common)
        .with("sqltype", sqltype)
        .with("table", table)
        .with("database", database)
        .with("host", host)
        .with("port", port);
  }
}
