/** The model host in this process, one for each device, shared by its users. */
package io.antiphon.runtime.host;
