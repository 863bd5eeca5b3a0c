/** The standby agent, which keeps a warm model host ready in every TaskManager. */
package io.antiphon.deploy;
