package io.faultd.os.file;

import io.faultd.fault.Base;
import io.faultd.fault.Claim;
import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.fault.Undo;
import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.file.Attributes;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.file.Identities;
import io.faultd.linux.file.Lease;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Search;
import io.faultd.linux.file.Stat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Writes lines to the end of a file, once or again and again. */
public final class FileAppend implements Fault<FileAppend.Params> {
  private static final int MOST = 64 * 1024;

  /**
   * What is asked.
   *
   * @param filepath the file; a link leads to it
   * @param content a line
   * @param count how often it is written in each round
   * @param interval between rounds; none: one round
   * @param escape whether backslash sequences are interpreted as echo -e does
   * @param enableBase64 whether {@code content} is base 64, and then written as it is
   * @param cgroupRoot of no meaning here
   */
  public record Params(
      String filepath,
      String content,
      int count,
      @Nullable Duration interval,
      boolean escape,
      boolean enableBase64,
      @Nullable String cgroupRoot) {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    round(params); // is it within bounds?
    if (params.cgroupRoot() != null) {
      on.warn("cgroup-root: has no meaning for this action and is ignored");
    }
    FileIdentity file;
    Rounds rounds = new Rounds();
    try (Site site = Site.followed(on, "filepath", params.filepath());
        Fd handle = site.open()) {
      Stat stat = Stat.of(handle, site.path());
      check(site, stat);
      site.aim(on, Optional.of(stat));
      site.settle(on, handle);
      file = site.identity(handle, site.path());
      List<Claim> claims = site.ways();
      claims.add(site.sharedEntry());
      claims.add(Claim.content(file, false));
      on.claim(claims);
      append(file, handle, rounds, params, on);
    }
    if (params.interval() != null) {
      on.repeat(params.interval(), () -> again(file, rounds, params, on));
    }
  }

  private static void check(Site site, Stat stat) throws IOException {
    if (!stat.isRegular()) {
      throw FaultException.illegal("filepath", "is not a regular file: " + site.path());
    }
    site.writable(false);
    site.changeable(stat, site.path());
  }

  /** Only when it is our turn: whoever takes bytes out wants to be alone with the file. */
  private static void leasable(FileIdentity file, Fd handle) throws IOException {
    try (Fd reading = Open.reading(handle, file.path())) {
      if (!Lease.supported(reading)) {
        throw Site.unsupported(
            "filepath",
            "is on a file system without leases (or CAP_LEASE is missing), which are needed to take"
                + " the bytes out again: "
                + file.path());
      }
    } catch (LinuxException e) {
      if (!e.is(Errno.EAGAIN)) { // somebody has a lease on it, so there are leases
        throw e;
      }
    }
  }

  private static void again(FileIdentity file, Rounds rounds, Params params, Injection on)
      throws IOException {
    switch (Identities.find(file)) {
      case Identities.Finding.Found(Fd handle) -> {
        try (handle) {
          append(file, handle, rounds, params, on);
        }
      }
      case Identities.Finding.Gone() -> throw Site.missing("filepath", file.path());
      case Identities.Finding.Missing(String why) -> throw new IOException(why);
      case Identities.Finding.Away(String why) -> throw new IOException(why);
      case Identities.Finding.Unreachable(String why) -> throw new IOException(why);
    }
  }

  private static void append(
      FileIdentity file, Fd handle, Rounds rounds, Params params, Injection on) throws IOException {
    byte[] bytes = round(params);
    on.join(
        new Undo.BytesAppended(file, "", 0, null, null).joins().orElseThrow(),
        () -> base(file, handle));
    leasable(file, handle);
    try (Fd fd = writable(handle, file.path())) {
      Undo.BytesAppended announced = announced(file, fd, bytes);
      rounds.admit(announced);
      Injection.Ticket ticket = on.undo(announced);
      int written;
      try {
        written = Contents.append(fd, bytes, file.path());
      } catch (LinuxException e) {
        // or undo would look for bytes that never came, and find somebody else's equal ones
        long touched = Stat.of(fd, file.path()).modified();
        rounds.made(on, ticket, made(announced, announced.before(), touched), new byte[0]);
        throw e;
      }
      byte[] there = Arrays.copyOf(bytes, written);
      Stat after = Stat.of(fd, file.path());
      long offset = find(fd, there, announced.before(), after.size(), file.path());
      rounds.made(on, ticket, made(announced, offset, after.modified()), there);
      if (written < bytes.length) {
        throw new LinuxException("write", Errno.ENOSPC.number(), file.path());
      }
    }
  }

  /** The file, open for appending; refused if it cannot be, before anything is announced. */
  private static Fd writable(Fd handle, String path) throws IOException {
    try {
      return Open.appending(handle, path);
    } catch (LinuxException e) {
      if (e.is(Errno.ETXTBSY)) {
        throw Site.conflict("filepath", "is a program that runs, or swapped to: " + path);
      }
      if (e.is(Errno.EAGAIN)) {
        throw Site.conflict("filepath", "is had by others for themselves (a lease): " + path);
      }
      if (e.is(Errno.EACCES, Errno.EPERM, Errno.EROFS)) {
        throw Site.unsupported("filepath", String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private static Undo.BytesAppended announced(FileIdentity file, Fd fd, byte[] bytes)
      throws IOException {
    long size = Stat.of(fd, file.path()).size();
    String capabilities =
        Attributes.capabilities(fd, file.path())
            .map(Base64.getEncoder()::encodeToString)
            .orElse(null);
    String text = Base64.getEncoder().encodeToString(bytes);
    return new Undo.BytesAppended(file, text, size, null, null, null, capabilities);
  }

  private static Undo.BytesAppended made(Undo.BytesAppended announced, long offset, long modified) {
    return new Undo.BytesAppended(
        announced.file(),
        announced.bytes(),
        announced.before(),
        offset,
        modified,
        null,
        announced.capabilities());
  }

  private static Base base(FileIdentity file, Fd handle) throws IOException {
    Stat now = Stat.of(handle, file.path());
    return new Base.AppendedFile(file, now.size(), now.modified());
  }

  /** Where our bytes came to be: at the end, unless others wrote at the same moment. */
  private static long find(Fd fd, byte[] bytes, long before, long size, String path)
      throws IOException {
    long end = size - bytes.length;
    if (end >= 0 && Arrays.equals(Contents.read(fd, end, bytes.length, path), bytes)) {
      return end;
    }
    if (bytes.length == 0) {
      return before;
    }
    return new Search(bytes)
        .first(fd, before, size, place -> true, path)
        .orElseThrow(() -> new IOException(path + ": what was appended is not there"));
  }

  /** The bytes of one round. */
  private static byte[] round(Params params) {
    if (params.count() < 1) {
      throw FaultException.illegal("count", "must be 1 or more: " + params.count());
    }
    ByteArrayOutputStream round = new ByteArrayOutputStream();
    for (int i = 0; i < params.count(); i++) {
      round.writeBytes(line(params));
      if (round.size() > MOST) {
        throw FaultException.illegal(
            "count", "makes more than %d bytes in each round".formatted(MOST));
      }
    }
    if (round.size() == 0) {
      throw FaultException.illegal("content", "is empty");
    }
    return round.toByteArray();
  }

  private static byte[] line(Params params) {
    if (params.enableBase64() && !params.escape()) {
      return expandedBytes(Text.decode(params.content()));
    }
    String text =
        params.enableBase64()
            ? new String(Text.decode(params.content()), StandardCharsets.UTF_8)
            : Text.encodable(params.content());
    String expanded = expanded(text);
    return params.escape()
        ? Escapes.line(expanded)
        : (expanded + "\n").getBytes(StandardCharsets.UTF_8);
  }

  // macros are ASCII: as Latin-1 every other byte passes through unchanged
  private static byte[] expandedBytes(byte[] bytes) {
    return expanded(new String(bytes, StandardCharsets.ISO_8859_1))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String expanded(String text) {
    return Macros.expand(text, ZonedDateTime.now(), ThreadLocalRandom.current());
  }
}
