/** Control groups of both versions: where they are mounted, who is in which. */
@NullMarked
package io.faultd.linux.cgroup;

import org.jspecify.annotations.NullMarked;
