/** Statements of PostgreSQL's JDBC driver. */
@NullMarked
package io.faultd.agent.library.psql;

import org.jspecify.annotations.NullMarked;
