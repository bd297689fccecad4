/** Load processes: started and watched by {@code Workers}; what they run uses java.* alone. */
@NullMarked
package io.faultd.worker;

import org.jspecify.annotations.NullMarked;
