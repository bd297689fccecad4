package io.faultd.fault;

import io.faultd.linux.file.Root;
import io.faultd.linux.ns.Interior;
import io.faultd.linux.ns.Superuser;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The place that a fault works on, found when the experiment is injected.
 *
 * <p>Its owner closes it when the experiment is over; until then what is held by it is good.
 */
public sealed interface Target extends AutoCloseable {
  /** Where its paths lead. */
  Root files();

  /** Folder under which this place's files are seen from the daemon; links in there lead out. */
  String root();

  /** The nsfs file that is this place's network namespace; see namespaces(7). */
  String network();

  /**
   * Whether a process belongs to it.
   *
   * @param pid as the daemon sees it
   */
  boolean has(int pid);

  /**
   * The pid by which the place itself knows a process; empty if it does not see it.
   *
   * @param pid as the daemon sees it
   */
  OptionalInt number(int pid);

  /**
   * Its control group in one tree, as this node tells it; empty: no group of its own.
   *
   * @param controller of version 1; empty: the tree of version 2
   */
  Optional<String> group(String controller);

  /** Whose the files are that root makes there. */
  Superuser superuser();

  /** The process that it ends with; empty: it does not end. */
  Optional<ProcessIdentity> init();

  /** Why it is no more; empty: it is. Asked once a second. */
  Optional<String> gone();

  /** What it is to people and guard rails; empty: nothing but this node. */
  Optional<Aim> aim();

  @Override
  void close();

  /** This node itself. */
  record Host() implements Target {
    @Override
    public Root files() {
      return Root.OWN;
    }

    @Override
    public String root() {
      return "/";
    }

    @Override
    public String network() {
      return "/proc/self/ns/net";
    }

    @Override
    public boolean has(int pid) {
      return true;
    }

    @Override
    public OptionalInt number(int pid) {
      return OptionalInt.of(pid);
    }

    @Override
    public Optional<String> group(String controller) {
      return Optional.empty();
    }

    @Override
    public Superuser superuser() {
      return Superuser.OWN;
    }

    @Override
    public Optional<ProcessIdentity> init() {
      return Optional.empty();
    }

    @Override
    public Optional<String> gone() {
      return Optional.empty();
    }

    @Override
    public Optional<Aim> aim() {
      return Optional.empty();
    }

    @Override
    public void close() {
      // the node stays
    }
  }

  /**
   * A container that runs.
   *
   * @param id by which its runtime knows it
   * @param name what people call it
   * @param inside what its first process has around it
   * @param removal takes it away for good
   */
  record Container(String id, String name, Interior inside, Removal removal) implements Target {
    @Override
    public Root files() {
      return inside.files();
    }

    @Override
    public String root() {
      return "/proc/" + inside.process().pid() + "/root";
    }

    @Override
    public String network() {
      return inside.network();
    }

    @Override
    public boolean has(int pid) {
      return inside.has(pid);
    }

    @Override
    public OptionalInt number(int pid) {
      return inside.number(pid);
    }

    @Override
    public Optional<String> group(String controller) {
      return inside.group(controller);
    }

    @Override
    public Superuser superuser() {
      return inside.superuser();
    }

    @Override
    public Optional<ProcessIdentity> init() {
      return Optional.of(inside.process());
    }

    @Override
    public Optional<String> gone() {
      return inside.ended()
          ? Optional.of("container %s (%s) has ended".formatted(id, name))
          : Optional.empty();
    }

    @Override
    public Optional<Aim> aim() {
      return Optional.of(new Aim("container", id, name));
    }

    @Override
    public void close() {
      inside.close();
    }

    /** Its runtime's way to end and forget it. */
    @FunctionalInterface
    public interface Removal {
      /** Returns when it is gone. */
      void remove() throws IOException;
    }
  }

  /**
   * A JVM that runs, in a place.
   *
   * @param process which
   * @param name its command name
   * @param place where: this node or a container; closed with this
   * @param agent what breaks it from inside
   */
  record Jvm(ProcessIdentity process, String name, Target place, Agent agent) implements Target {
    @Override
    public Root files() {
      return place.files();
    }

    @Override
    public String root() {
      return place.root();
    }

    @Override
    public String network() {
      return place.network();
    }

    @Override
    public boolean has(int pid) {
      return place.has(pid);
    }

    @Override
    public OptionalInt number(int pid) {
      return place.number(pid);
    }

    @Override
    public Optional<String> group(String controller) {
      return place.group(controller);
    }

    @Override
    public Superuser superuser() {
      return place.superuser();
    }

    @Override
    public Optional<ProcessIdentity> init() {
      return Optional.of(process);
    }

    @Override
    public Optional<String> gone() {
      return Procfs.HOST.stat(process).filter(stat -> !stat.ended()).isEmpty()
          ? Optional.of("process %d (%s) has ended".formatted(process.pid(), name))
          : place.gone();
    }

    @Override
    public Optional<Aim> aim() {
      return place.aim();
    }

    @Override
    public void close() {
      place.close();
    }
  }
}
