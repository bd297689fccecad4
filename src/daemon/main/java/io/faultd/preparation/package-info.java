/** JVMs made ready for experiments: the life of a preparation, and what is kept of it. */
@NullMarked
package io.faultd.preparation;

import org.jspecify.annotations.NullMarked;
