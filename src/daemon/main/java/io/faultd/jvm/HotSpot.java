package io.faultd.jvm;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Stream;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Stat;
import io.faultd.linux.net.UnixSocket;
import io.faultd.linux.proc.Pidfd;
import io.faultd.linux.proc.Procfs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * HotSpot's attach protocol, version 1, from the client's side.
 *
 * <p>The JVM listens on the socket {@code /tmp/.java_pidPID} once it has got SIGQUIT while there
 * was a file {@code .attach_pidPID} in its working folder or in /tmp, or from its start with -Xrs.
 * A request is {@code 1 NUL command NUL argument NUL argument NUL argument NUL}, an answer a number
 * in a line and then text (attachListener.cpp, attachListener_linux.cpp of HotSpot, JDK 8 and
 * newer). Of everything in /tmp we believe nothing that we have not looked at: links are not
 * followed, and the socket is spoken to only if this very process listens at it.
 */
final class HotSpot {
  private static final int SIGQUIT = 3;
  private static final int ARGUMENTS = 3;
  private static final int LARGEST = 1 << 20;
  private static final long FIRST_PAUSE_NANOS = 500_000;
  private static final long LONGEST_PAUSE_NANOS = 20_000_000;
  private static final String DISABLED = "DisableAttachMechanism";

  private final JvmProcess jvm;
  private final TargetTemp temp;
  private final Procfs procfs;
  private final long deadline;

  /**
   * A client of a JVM.
   *
   * @param deadline of everything, an instant of {@link System#nanoTime}
   */
  HotSpot(JvmProcess jvm, TargetTemp temp, Procfs procfs, long deadline) {
    this.jvm = jvm;
    this.temp = temp;
    this.procfs = procfs;
    this.deadline = deadline;
  }

  /**
   * An answer.
   *
   * @param status 0: the command was known
   * @param text what it says
   */
  record Answer(int status, String text) {
    /** JDK 8 says 0, 9 and newer {@code return code: 0}; 21 says in words what went wrong. */
    boolean loaded() {
      return status == 0 && (text.isEmpty() || text.equals("0") || text.equals("return code: 0"));
    }
  }

  /**
   * Makes it listen, if it does not yet.
   *
   * @throws FaultException if this JVM cannot be attached to; says why
   */
  void ready() throws IOException {
    Standstill.refuse(jvm, procfs);
    try {
      connected().close();
    } catch (LinuxException e) {
      throw said(e);
    }
  }

  /**
   * Makes one request.
   *
   * @throws FaultException if this JVM cannot be attached to; says why
   */
  Answer ask(String command, String... arguments) throws IOException {
    Standstill.refuse(jvm, procfs);
    try (Stream stream = connected()) {
      stream.write(request(command, arguments), deadline);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] room = new byte[4096];
      for (int n = stream.read(room, deadline);
          n > 0 && all.size() < LARGEST;
          n = stream.read(room, deadline)) {
        all.write(room, 0, n);
      }
      return answer(all.toString(StandardCharsets.UTF_8));
    } catch (LinuxException e) {
      throw said(e);
    }
  }

  private static byte[] request(String command, String... arguments) {
    StringBuilder request = new StringBuilder("1\0").append(command).append('\0');
    for (int i = 0; i < ARGUMENTS; i++) {
      request.append(i < arguments.length ? arguments[i] : "").append('\0');
    }
    return request.toString().getBytes(StandardCharsets.UTF_8);
  }

  private Answer answer(String text) throws IOException {
    String[] parts = text.split("\n", 2);
    try {
      return new Answer(
          Integer.parseInt(parts[0].strip()), parts.length < 2 ? "" : parts[1].strip());
    } catch (NumberFormatException e) {
      throw new IOException(jvm + " does not speak HotSpot's attach protocol", e);
    }
  }

  /** Why, as people can act upon it. */
  private IOException said(LinuxException e) throws IOException {
    if (procfs.gone(jvm.process())) {
      throw TargetTemp.gone(jvm);
    }
    if (e.is(Errno.ETIMEDOUT)) {
      throw silent("took a request and does not answer it");
    }
    if (e.is(Errno.ECONNREFUSED)) {
      throw new FaultException(
          Reason.UNSUPPORTED,
          "/tmp/%s of %s is a socket at which nobody listens; remove it"
              .formatted(socketName(), jvm));
    }
    throw e;
  }

  private FaultException silent(String what) throws IOException {
    String still = Standstill.of(jvm, procfs).map("; it is %s now"::formatted).orElse("");
    return new FaultException(Reason.INJECT_FAILED, jvm + " " + what + " in time" + still);
  }

  private Stream connected() throws IOException {
    try (Fd socket = listening()) {
      try {
        return connected(socket);
      } catch (LinuxException e) {
        if (!e.is(Errno.ECONNREFUSED)) {
          throw e;
        }
      }
      removeLeft(socket);
    }
    try (Fd socket = listening()) {
      return connected(socket);
    }
  }

  /**
   * Removes a socket at which nobody listens: of another that had the same pid, here or in another
   * container with this /tmp. This JVM then makes its own.
   */
  private void removeLeft(Fd socket) throws IOException {
    if (ends()) {
      throw TargetTemp.gone(jvm);
    }
    mayBeAsked();
    Optional<Stat> now = temp.stat(socketName());
    if (now.isPresent() && now.get().sameInode(Stat.of(socket, socketName()))) {
      TargetTemp.remove(temp.fd(), socketName(), false);
    }
  }

  private Stream connected(Fd socket) throws IOException {
    String name = socketName();
    Stream stream = null;
    while (stream == null) {
      try {
        stream = temp.connect(socket, name);
      } catch (LinuxException e) {
        if (!UnixSocket.busy(e) || System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(LONGEST_PAUSE_NANOS);
      }
    }
    int listener;
    try {
      listener = UnixSocket.listener(stream, name);
    } catch (IOException | RuntimeException e) {
      stream.close();
      throw e;
    }
    if (listener != jvm.pid()) {
      stream.close();
      throw new FaultException(
          Reason.UNSUPPORTED,
          "at /tmp/%s of %s another process listens (%d): it is not spoken to"
              .formatted(name, jvm, listener));
    }
    return stream;
  }

  /** Whether it ends: a process that is killed closes its sockets some time before it is gone. */
  private boolean ends() throws IOException {
    for (int looks = 0; looks < 20; looks++) {
      if (procfs.gone(jvm.process())) {
        return true;
      }
      LockSupport.parkNanos(LONGEST_PAUSE_NANOS);
    }
    return false;
  }

  private String socketName() {
    return ".java_pid" + jvm.inner();
  }

  private Optional<Fd> socket() throws IOException {
    Optional<Fd> found = temp.open(socketName());
    if (found.isPresent()) {
      Stat stat = Stat.of(found.get(), socketName());
      if (!stat.isSocket() || stat.owner() != jvm.user()) {
        found.get().close();
        throw new FaultException(
            Reason.UNSUPPORTED,
            "/tmp/%s of %s is not its socket: type %o, of user %d"
                .formatted(socketName(), jvm, stat.mode() >> 12, stat.owner()));
      }
    }
    return found;
  }

  /** The socket at which the JVM listens; makes it listen if it does not yet. */
  private Fd listening() throws IOException {
    Optional<Fd> there = socket();
    if (there.isPresent()) {
      return there.get();
    }
    mayBeAsked();
    Optional<Pidfd> held = Pidfd.open(jvm.process(), procfs);
    if (held.isEmpty()) {
      throw TargetTemp.gone(jvm);
    }
    String trigger = triggerName(jvm);
    clearStale(trigger);
    try (Pidfd pidfd = held.get()) {
      trigger(trigger);
      try {
        if (!pidfd.send(SIGQUIT)) {
          throw TargetTemp.gone(jvm);
        }
        return awaitSocket();
      } finally {
        TargetTemp.remove(temp.fd(), trigger, false);
      }
    }
  }

  /** Removes what a daemon that was killed while it waited for the socket has left. */
  static void sweep(TargetTemp temp, JvmProcess jvm) throws LinuxException {
    String trigger = triggerName(jvm);
    Optional<Stat> left = temp.stat(trigger);
    if (left.isPresent()
        && left.get().isRegular()
        && left.get().size() == 0
        && left.get().owner() == jvm.user()) {
      TargetTemp.remove(temp.fd(), trigger, false);
    }
  }

  private static String triggerName(JvmProcess jvm) {
    return ".attach_pid" + jvm.inner();
  }

  private Fd awaitSocket() throws IOException {
    long pause = FIRST_PAUSE_NANOS;
    while (true) {
      Optional<Fd> there = socket();
      if (there.isPresent()) {
        return there.get();
      }
      if (procfs.gone(jvm.process())) {
        throw TargetTemp.gone(jvm);
      }
      if (System.nanoTime() > deadline) {
        throw silent("does not begin to listen, perhaps it has -XX:+" + DISABLED + ",");
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_NANOS);
    }
  }

  /** Refuses what would end the JVM, make it write a thread dump, or wait for nothing. */
  void mayBeAsked() throws IOException {
    Standstill.refuse(jvm, procfs);
    boolean attachable =
        PerfData.attachable(jvm, temp, procfs).orElseGet(() -> !disabledByArgument());
    if (!attachable) {
      throw new FaultException(Reason.UNSUPPORTED, jvm + " was started with -XX:+" + DISABLED);
    }
    long caught = Long.parseUnsignedLong(procfs.status(jvm.pid(), "SigCgt").orElse("0"), 16);
    if ((caught & 1L << (SIGQUIT - 1)) == 0) {
      if (ends()) { // and catches nothing while it does
        throw TargetTemp.gone(jvm);
      }
      throw new FaultException(
          Reason.UNSUPPORTED,
          jvm
              + " does not catch SIGQUIT, which would end it: it is starting or ending, or has -Xrs"
              + " and lost its socket /tmp/"
              + socketName());
    }
  }

  /** Where JVMs without shared counters have it from; @argfiles and the manifest are not read. */
  private boolean disabledByArgument() {
    String environment = "";
    try {
      environment =
          Files.readString(
              procfs.root().resolve(jvm.pid() + "/environ"), StandardCharsets.ISO_8859_1);
    } catch (IOException unreadable) {
      // then the deadline tells
    }
    String options =
        List.of(environment.split("\0", -1)).stream()
            .filter(
                each -> each.matches("(?s)(JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS)=.*"))
            .reduce("", (all, each) -> all + " " + each);
    return (jvm.command() + options).contains("+" + DISABLED);
  }

  /** One that somebody left in the working folder would be looked at first, and not be believed. */
  private void clearStale(String trigger) {
    Path cwd = procfs.root().resolve(jvm.pid() + "/cwd");
    try (Fd folder = Open.folder(cwd.toString())) {
      removeForeign(folder, trigger);
      removeForeign(temp.fd(), trigger);
    } catch (LinuxException e) {
      // no such folder any more: then there is no such file
    }
  }

  private void removeForeign(Fd folder, String trigger) throws LinuxException {
    Optional<Stat> stale = Stat.of(folder, trigger, trigger);
    // one of the JVM's own user is as good as ours, and may be of somebody who attaches right now
    if (stale.isPresent()
        && stale.get().isRegular()
        && stale.get().size() == 0
        && stale.get().owner() != jvm.user()) {
      TargetTemp.remove(folder, trigger, false);
    }
  }

  private void trigger(String name) throws IOException {
    try {
      temp.makeEmpty(name);
    } catch (LinuxException e) {
      if (e.is(Errno.EEXIST)) {
        return; // of the JVM's user, perhaps of another who attaches right now: it serves us both
      }
      if (e.is(Errno.EROFS, Errno.EACCES, Errno.EPERM, Errno.ENOSPC, Errno.EDQUOT)) {
        throw new FaultException(
            Reason.UNSUPPORTED,
            "no file can be made in /tmp of %s, through which it is attached to: %s"
                .formatted(jvm, e.errno().text()));
      }
      throw e;
    }
  }
}
