package io.faultd.linux.nfqueue;

import io.faultd.linux.Native;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/** What is called. */
public interface Calls {
  /** The C library. */
  Calls C = Native.bind(Calls.class);

  /** See socket(2). */
  int socket(int domain, int type, int protocol);

  /** See setsockopt(2). */
  int setsockopt(int fd, int level, int option, Pointer value, int size);

  /** See send(2). */
  long send(int fd, Pointer bytes, long length, int flags);

  /** See setfsuid(2), which is of the calling thread alone. */
  int setfsuid(int uid);

  /** See setfsgid(2), which is of the calling thread alone. */
  int setfsgid(int gid);

  /** See recvmmsg(2). */
  int recvmmsg(int fd, Pointer messages, int count, int flags, @Nullable Pointer patience);

  /** See sendmmsg(2). */
  int sendmmsg(int fd, Pointer messages, int count, int flags);

  /** See ppoll(2). */
  int ppoll(Pointer descriptors, long count, Pointer patience, @Nullable Pointer signals);

  /** See mmap(2). */
  @SuppressWarnings("checkstyle:ParameterNumber") // the kernel's own
  @Nullable Pointer mmap(
      @Nullable Pointer at, long size, int access, int flags, int fd, long offset);

  /** See munmap(2). */
  int munmap(Pointer at, long size);

  /** See eventfd(2). */
  int eventfd(int value, int flags);

  /** See read(2). */
  long read(int fd, Pointer bytes, long length);

  /** See write(2). */
  long write(int fd, Pointer bytes, long length);
}
