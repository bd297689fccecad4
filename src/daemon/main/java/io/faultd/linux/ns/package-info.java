/** Namespaces: who they are, how they are found again, and work done inside them. */
@NullMarked
package io.faultd.linux.ns;

import org.jspecify.annotations.NullMarked;
