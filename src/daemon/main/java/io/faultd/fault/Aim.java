package io.faultd.fault;

/**
 * One thing that an experiment touches, as people name it.
 *
 * @param kind process, file, folder, cpu, ...
 * @param id a pid, a path, a number
 * @param name what it is called
 */
public record Aim(String kind, String id, String name) {}
