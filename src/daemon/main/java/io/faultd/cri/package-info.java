/** Containers: found through their runtimes, given as places, and the faults on them as a whole. */
@NullMarked
package io.faultd.cri;

import org.jspecify.annotations.NullMarked;
