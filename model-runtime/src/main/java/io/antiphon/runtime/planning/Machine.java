package io.antiphon.runtime.planning;

/**
 * What a plan is made for.
 *
 * @param cores of the processor
 * @param memoryMebibytes of the machine
 * @param pricePerHour in any currency, 0 when it is not known
 */
public record Machine(int cores, long memoryMebibytes, double pricePerHour) {}
