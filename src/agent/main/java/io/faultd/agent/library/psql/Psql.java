package io.faultd.agent.library.psql;

import io.faultd.agent.core.Action;
import io.faultd.agent.core.Actions;
import io.faultd.agent.core.Aim;
import io.faultd.agent.core.Calls;
import io.faultd.agent.core.Flags;
import io.faultd.agent.core.Library;
import io.faultd.agent.core.Load;
import io.faultd.agent.core.Matchers;
import io.faultd.agent.core.Pointcut;
import io.faultd.agent.core.Refusal;
import java.util.Arrays;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/**
 * Statements that PostgreSQL's JDBC driver sends: {@code QueryExecutorImpl.execute}, of one query
 * or of a batch, of which the first is looked at.
 */
public final class Psql implements Library {
  private static final String EXECUTOR = "org/postgresql/core/v3/QueryExecutorImpl";

  private final Calls hostSpec = new Calls("getHostSpec");
  private final Calls host = new Calls("getHost");
  private final Calls port = new Calls("getPort");
  private final Calls database = new Calls("getDatabase");
  private final Calls nativeSql = new Calls("getNativeSql");

  /** Made once. */
  public Psql() {}

  @Override
  public String target() {
    return "psql";
  }

  @Override
  public Aim aim(Flags flags) throws Refusal {
    return Aim.at(
        Pointcut.of(Collections.singletonList(EXECUTOR), "execute")
            .taking(Arrays.asList("Lorg/postgresql/core/Query;", "[Lorg/postgresql/core/Query;"))
            .looking(Arrays.asList(Pointcut.THIS, 0)),
        matchers().take(flags));
  }

  private Matchers matchers() {
    return new Matchers()
        .equal("sqltype", new Sql(false))
        .equal("table", new Sql(true))
        .equal("database", new Place(database, null))
        .equal("host", new Place(hostSpec, host))
        .equal("port", new Place(hostSpec, port));
  }

  @Override
  public Action action(String name, Flags flags) throws Refusal {
    return Actions.common(name, flags);
  }

  @Override
  public @Nullable Load load(String name, Flags flags) {
    return null;
  }

  /** Of the text of the first query: its kind, or its first table. */
  private final class Sql implements Matchers.Reading {
    private final boolean table;

    Sql(boolean table) {
      this.table = table;
    }

    @Override
    public @Nullable String of(@Nullable Object executor, @Nullable Object query) throws Exception {
      Object first = query;
      if (query instanceof Object[]) {
        Object[] batch = (Object[]) query;
        first = batch.length == 0 ? null : batch[0];
      }
      if (first == null) {
        return null;
      }
      Object text = nativeSql.on(first);
      Statement statement = Statement.of(text == null ? first.toString() : text.toString());
      return table ? statement.table() : statement.type();
    }
  }

  /** Of the connection. */
  private static final class Place implements Matchers.Reading {
    private final Calls first;
    private final @Nullable Calls then;

    Place(Calls first, @Nullable Calls then) {
      this.first = first;
      this.then = then;
    }

    @Override
    public @Nullable String of(@Nullable Object executor, @Nullable Object query) throws Exception {
      Object value = executor == null ? null : first.on(executor);
      if (value == null) {
        return null;
      }
      return then == null ? value.toString() : then.text(value);
    }
  }
}
