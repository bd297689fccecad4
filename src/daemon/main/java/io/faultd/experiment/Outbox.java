package io.faultd.experiment;

import java.util.List;
import java.util.Optional;

/**
 * What clients asked to be told of and were not told yet: written in the transaction of the change
 * itself, and kept until it is removed.
 */
public interface Outbox {
  /**
   * The experiments of which there is something to tell, in the order of their uids.
   *
   * @param after only those that come after this uid
   * @param most so many of them
   */
  List<String> uids(String after, int most);

  /** The oldest news of an experiment. */
  Optional<News> first(String uid);

  /** Forgets what was told, or given up. */
  void remove(News news);

  /**
   * A status that an experiment has come to.
   *
   * @param seq number of the change
   * @param uid of the experiment
   * @param address whom to tell
   */
  record News(long seq, String uid, String address) {}
}
