/** Dies at every instant of every fault's life, and looks whether the node is as it was. */
@NullMarked
package io.faultd.crash;

import org.jspecify.annotations.NullMarked;
