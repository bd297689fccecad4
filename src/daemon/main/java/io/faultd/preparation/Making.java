package io.faultd.preparation;

import io.faultd.experiment.Actor;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Permit;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.jvm.AgentLink;
import io.faultd.jvm.JvmProcess;
import io.faultd.jvm.Standstill;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes and ends single preparations, by whoever's turn it is at their site. */
final class Making {
  static final String JVM = "jvm";

  private static final String HOST = "host";
  private static final String CRI = "cri";

  private static final Logger LOG = System.getLogger(LivePreparations.class.getName());
  private static final Duration ATTACH = Duration.ofSeconds(10);
  private static final Duration PRIME = Duration.ofSeconds(30);

  private final LivePreparations.Parts parts;
  private final LateRecords records;
  private final SecureRandom random = new SecureRandom();

  Making(LivePreparations.Parts parts, LateRecords records) {
    this.parts = parts;
    this.records = records;
  }

  /** The first record of an order; not on disk yet. */
  Preparation fresh(PreparationOrder order, JvmProcess jvm) {
    byte[] bytes = new byte[8];
    random.nextBytes(bytes);
    var now = parts.time().now();
    return new Preparation(
        order.uid() == null ? HexFormat.of().formatHex(bytes) : order.uid(),
        JVM,
        order.process() == null ? jvm.name() : order.process(),
        jvm.process(),
        order.port() == null ? "" : order.port(),
        PreparationStatus.CREATED,
        "",
        null,
        200,
        now,
        now,
        order.permit().actor());
  }

  /**
   * Makes one.
   *
   * @throws FaultException why it could not be made; nothing is then left of it in the JVM
   */
  Preparation attach(Site site, Preparation fresh, JvmProcess jvm) throws IOException {
    AgentLink link = null;
    try {
      link = AgentLink.open(jvm, parts.instance(), Procfs.HOST, ATTACH);
      link.prime(PRIME);
      Preparation running =
          fresh.now(PreparationStatus.RUNNING, "", fresh.by(), parts.time().now());
      records.update(running);
      site.is(running, link);
      link = null;
      return running;
    } catch (FaultException e) {
      throw e;
    } catch (IOException | RuntimeException | OutOfMemoryError e) { // or no thread can be had
      throw new FaultException(Reason.INJECT_FAILED, jvm + ": " + e.getMessage());
    } finally {
      if (link != null) {
        link.close();
      }
    }
  }

  /** Records that it could not be made. */
  Preparation failed(Preparation fresh, FaultException why) {
    Preparation failed =
        fresh.failed(
            why.reason(), why.code(), String.valueOf(why.getMessage()), parts.time().now());
    records.write(failed);
    return failed;
  }

  /**
   * Records what stays in classes of a JVM while its agent runs.
   *
   * @param what for people; empty: nothing does any more
   */
  void left(Site site, AgentLink link, String what) {
    Preparation record = site.record();
    if (record != null && site.link() == link) {
      Preparation now = record.now(record.status(), what, record.by(), parts.time().now());
      site.is(now, link);
      records.write(now);
    }
  }

  /** Ends what is there, its experiments first, as the daemon does of its own accord. */
  @Nullable Preparation end(Site site, String why, Actor who) {
    return end(site, why, new Permit(who, Set.of(), Set.of(), false));
  }

  /**
   * Ends what is there because somebody orders it.
   *
   * @throws FaultException FORBIDDEN if an experiment would end that is not theirs to destroy, or
   *     the JVM is not theirs to touch; nothing has ended then
   */
  @Nullable Preparation ordered(Site site, Permit permit) {
    AgentLink link = site.link();
    if (link != null) {
      allow(permit, link.jvm());
    }
    for (Experiment each : parts.experiments().unended()) {
      if (site.rules.contains(each.uid())) {
        allow(permit, each);
      }
    }
    return end(site, "", permit);
  }

  /** A JVM in a container is reached by both scopes, another by host only. */
  static void allow(Permit permit, JvmProcess jvm) {
    boolean contained = jvm.inner() != jvm.pid() && permit.scopes().contains(CRI);
    permit.check(contained ? CRI : HOST, JVM);
  }

  /** What can be said before the JVM is known. */
  static void allow(Permit permit) {
    permit.check(permit.scopes().contains(CRI) ? CRI : HOST, JVM);
  }

  private static void allow(Permit permit, Experiment experiment) {
    try {
      permit.check(experiment.scope(), experiment.target());
    } catch (FaultException e) {
      throw new FaultException(
          e.reason(),
          e.code(),
          "uid",
          "this would end experiment " + experiment.uid() + ": " + e.getMessage());
    }
  }

  private @Nullable Preparation end(Site site, String why, Permit permit) {
    Preparation record = site.record();
    AgentLink link = site.link();
    if (record == null) {
      return null;
    }
    for (String uid : site.rules) {
      try {
        parts.experiments().destroy(uid, false, permit);
      } catch (FaultException e) {
        LOG.log(Level.WARNING, "preparation {0}: {1}", record.uid(), e.getMessage());
      }
    }
    site.rules.clear();
    if (link != null) {
      link.close();
    }
    String end = why;
    if (link != null && !link.left().isEmpty()) {
      end = "%s: the agent has ended, but %s".formatted(link.jvm(), link.left());
    } else if (link != null && !link.leftNothing()) {
      end =
          "the agent in %s did not say that it ended: its rules go when it goes on"
              .formatted(Standstill.told(link.jvm(), Procfs.HOST));
    }
    Preparation revoked =
        record.now(PreparationStatus.REVOKED, end, permit.actor(), parts.time().now());
    site.is(null, null);
    records.write(revoked);
    return revoked;
  }
}
