package io.faultd.spec;

import java.util.List;

/**
 * One action, as its spec file tells it.
 *
 * @param target what it breaks
 * @param action how
 * @param scopes where: host, cri
 * @param aliases other names of the action
 * @param targetAliases other names of the target
 * @param desc one sentence
 * @param type the class of the fault
 * @param undo exact or none
 * @param resumable whether recovery may inject it anew
 * @param needs capabilities of the node without which it cannot work
 * @param engines what may do the work, the first that can does; empty: there is nothing to choose
 * @param flags its own flags; the common ones are not among them
 * @param executor who finds what it aims at: os, jvm, cri; the folder of its file
 */
public record ActionSpec(
    String target,
    String action,
    List<String> scopes,
    List<String> aliases,
    List<String> targetAliases,
    String desc,
    String type,
    String undo,
    boolean resumable,
    List<String> needs,
    List<EngineSpec> engines,
    List<FlagSpec> flags,
    String executor) {}
