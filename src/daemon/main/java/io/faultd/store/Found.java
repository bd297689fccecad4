package io.faultd.store;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Query;
import io.faultd.experiment.Status;
import io.helidon.dbclient.DbRow;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Spliterators.AbstractSpliterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The records of a query, read some at a time. Those that have left the wanted status since they
 * were found are made up for by others, so that fewer than the limit are all that there are.
 */
final class Found extends AbstractSpliterator<Experiment> {
  private final Database database;
  private final Query query;
  private final Queue<List<Long>> pages = new ArrayDeque<>();
  private Iterator<Experiment> page = Collections.emptyIterator();
  private int left;
  private boolean more;
  private @Nullable String last;

  /** Finds them; what they say is read later. */
  Found(Database database, Query query) {
    super(query.limit(), ORDERED | NONNULL);
    this.database = database;
    this.query = query;
    this.left = query.limit();
    find(query);
  }

  private void find(Query wanted) {
    List<DbRow> rows = database.read(db -> Listing.find(db, wanted));
    pages.addAll(Pages.of("id", rows));
    more = rows.size() == wanted.limit();
  }

  @Override
  public boolean tryAdvance(Consumer<? super Experiment> action) {
    Status status = query.status();
    while (left > 0 && turned()) {
      Experiment next = page.next();
      last = next.uid();
      if (status == null || next.status() == status) {
        left--;
        action.accept(next);
        return true;
      }
    }
    return false;
  }

  /** Whether there is one more, on this page or the next. */
  private boolean turned() {
    while (!page.hasNext()) {
      if (pages.isEmpty()) {
        if (!more || last == null) {
          return false;
        }
        find(query.behind(last, left));
      } else {
        String order = query.ascending() ? "ascending" : "descending";
        page =
            Pages.read(database, "experiment-page-" + order, pages.remove()).stream()
                .map(Rows::record)
                .iterator();
      }
    }
    return true;
  }
}
