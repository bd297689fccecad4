package io.faultd.agent.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Weaves rules into a class; changes the code of the methods that they are for, and nothing else.
 */
final class Weaver extends ClassVisitor {
  private final @Nullable ClassLoader loader;
  private final List<Rule> rules;
  private final List<Survey> surveys;
  private String owner = "";
  private boolean frames;
  private boolean changed;

  private Weaver(
      ClassVisitor next, @Nullable ClassLoader loader, List<Rule> rules, List<Survey> surveys) {
    super(Opcodes.ASM9, next);
    this.loader = loader;
    this.rules = rules;
    this.surveys = surveys;
  }

  /**
   * Weaves.
   *
   * @param loader the class's
   * @return the new class file, or null if nothing is to be changed
   */
  static byte @Nullable [] weave(@Nullable ClassLoader loader, byte[] file, List<Rule> rules) {
    ClassReader reader = new ClassReader(file);
    List<Survey> surveys = new ArrayList<>();
    for (Rule rule : rules) {
      surveys.add(Survey.of(reader, rule));
    }
    ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
    Weaver weaver = new Weaver(writer, loader, rules, surveys);
    reader.accept(weaver, 0);
    for (Rule rule : rules) {
      rule.passed();
    }
    return weaver.changed ? writer.toByteArray() : null;
  }

  @Override
  public void visit(
      int version,
      int access,
      String name,
      @Nullable String signature,
      @Nullable String superName,
      String @Nullable [] interfaces) {
    owner = name;
    frames = (version & 0xffff) >= Opcodes.V1_6;
    super.visit(version, access, name, signature, superName, interfaces);
  }

  @Override
  public MethodVisitor visitMethod(
      int access,
      String name,
      String descriptor,
      @Nullable String signature,
      String @Nullable [] exceptions) {
    MethodVisitor method = super.visitMethod(access, name, descriptor, signature, exceptions);
    for (int i = 0; i < rules.size(); i++) {
      if (surveys.get(i).chosen(name, descriptor)) {
        Rule rule = rules.get(i);
        Site site =
            rule.site(
                new Site.Method(loader, owner, name, descriptor, exceptions),
                loader,
                owner + "." + name + descriptor);
        if (site != null) {
          changed = true;
          WovenMethod.Head head = new WovenMethod.Head(access, descriptor);
          method = new WovenMethod(method, head, rule, site, frames);
        }
      }
    }
    return method;
  }
}
