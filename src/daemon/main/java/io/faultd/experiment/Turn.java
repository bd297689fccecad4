package io.faultd.experiment;

import io.faultd.fault.Base;
import io.faultd.rollback.Company;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whoever takes back many steps of one shared thing keeps its turn for all of them, and asks only
 * once who else shares it. Used by the owner thread of an experiment.
 */
final class Turn implements AutoCloseable {
  private final String uid;
  private final Store store;
  private final Joins joins;
  private @Nullable String key;
  private @Nullable List<Store.Member> members;
  private Optional<Base> base = Optional.empty();

  /** No turn yet, of an experiment. */
  Turn(String uid, Store store, Joins joins) {
    this.uid = uid;
    this.store = store;
    this.joins = joins;
  }

  /** Waits for the turn of a thing, and lets go of that of another; empty: of none. */
  void take(Optional<String> wanted) {
    if (!Optional.ofNullable(key).equals(wanted)) {
      close();
      wanted.ifPresent(name -> joins.enter(name, () -> false));
      key = wanted.orElse(null);
    }
  }

  /** Whom a step shares the thing with whose turn it is. */
  Company company(StoredStep step) {
    String thing = key;
    if (thing == null) {
      return Company.NONE;
    }
    List<Store.Member> all = members;
    if (all == null) {
      all = new ArrayList<>(store.members(thing));
      base = store.base(thing);
      members = all;
    }
    return new Company(
        base, all.stream().filter(each -> !is(each, step)).map(this::known).toList());
  }

  /** What could not be written is known all the same. */
  private Company.Member known(Store.Member each) {
    Company.Member member = each.member();
    return joins.isLeft(each.uid(), each.number())
        ? new Company.Member(member.step(), true)
        : member;
  }

  /** The step is taken back. */
  void left(StoredStep step) {
    joins.left(uid, step.number());
    if (members != null) {
      members.replaceAll(each ->
          is(each, step)
              ? new Store.Member(
                  each.uid(),
                  each.number(),
                  each.bootId(),
                  new Company.Member(each.member().step(), true))
              : each);
    }
  }

  private boolean is(Store.Member member, StoredStep step) {
    return member.number() == step.number() && member.uid().equals(uid);
  }

  @Override
  public void close() {
    if (key != null) {
      joins.leave(key);
    }
    key = null;
    members = null;
  }
}
