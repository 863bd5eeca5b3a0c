package io.antiphon.runtime.planning;

import io.antiphon.runtime.ThreadPlan;
import io.antiphon.runtime.admission.CapacityModel;
import io.antiphon.runtime.admission.CostCurve;
import io.antiphon.runtime.admission.HostCosts;
import io.antiphon.runtime.manifest.Manifest;
import java.util.Map;
import java.util.TreeMap;

/**
 * Works out how many conversations a machine carries, with the arithmetic of admission and what
 * stands around it: the dataflow, memory, more threads inside a call, several hosts. Immutable.
 */
public final class Planner {
  /**
   * Cores that Kafka, Flink and their clients take for each conversation; benchmarks/results/load.
   */
  static final double DATAFLOW_CORES = 0.008;

  /** Of Kafka and Flink in the median of first audio; benchmarks/results/hops. */
  static final double DATAFLOW_MILLIS = 7;

  /** What each further thread inside a call adds; two threads were measured to be 1.5 to 1.6. */
  static final double FURTHER_THREAD = 0.55;

  /** Steps until a group of speech is there: two of silence come before it. */
  private static final int FIRST_STEPS = 3;

  /** For the JVM's heap, Kafka's pages and the system. */
  private static final long AROUND_MEBIBYTES = 4096;

  /** Beyond this the formula for waiting says nothing. */
  private static final double MOST_BUSY = 0.95;

  /** Threads inside a call; what more would bring was never measured. */
  private static final int MOST_THREADS = 16;

  private static final int MOST = 4096;
  private static final int DETOKENIZER_BATCH = 8;

  private final Manifest manifest;
  private final double utilization;
  private final int positions;
  private final long rowMebibytes;

  /**
   * @param rowBytes memory of one conversation's caches
   * @param positions of one conversation
   * @param utilization share of threads, cores and devices that may be busy, above 0 to 1
   */
  public Planner(Manifest manifest, long rowBytes, int positions, double utilization) {
    this.manifest = manifest;
    this.rowMebibytes = (rowBytes + (1 << 20) - 1) >> 20;
    this.positions = positions;
    this.utilization = utilization;
  }

  /** The best plan for a processor with cores like the one that was measured. */
  public Plan onProcessor(MeasuredKernels kernels, Machine machine) {
    Plan best = onProcessor(kernels, machine, 1, 1);
    for (int hosts = 1; hosts <= machine.cores(); hosts *= 2) {
      for (int threads = 1;
          threads <= Math.min(MOST_THREADS, machine.cores() / hosts);
          threads *= 2) {
        Plan plan = onProcessor(kernels, machine, hosts, threads);
        if (plan.conversations() > best.conversations()
            || (plan.conversations() == best.conversations()
                && plan.firstAudioMillis() < best.firstAudioMillis() * 0.9)) {
          best = plan;
        }
      }
    }
    return best;
  }

  /** With a given number of hosts and of threads inside a call. */
  Plan onProcessor(MeasuredKernels kernels, Machine machine, int hosts, int threads) {
    int cores = Math.max(1, machine.cores() / hosts);
    double faster = 1 + FURTHER_THREAD * (threads - 1);
    HostCosts measured = kernels.costs();
    HostCosts costs =
        new HostCosts(
            divided(measured.encoder(), faster),
            measured.prefillMillis() / faster,
            divided(measured.step(), faster),
            measured.detokenizer() == null ? null : divided(measured.detokenizer(), faster));
    ThreadPlan plan = ThreadPlan.automatic().on(cores);
    CapacityModel model =
        new CapacityModel(costs, manifest.audio(), plan, DETOKENIZER_BATCH, cores);
    // A call with several threads takes them all for as long as it runs.
    double taken = threads;
    double groupMillis = 1000.0 * manifest.audio().groupSize() / manifest.audio().tokenRate();
    int conversations = 0;
    Plan.Limit limit = Plan.Limit.CORES;
    long memory = AROUND_MEBIBYTES + (long) hosts * kernels.loadedMebibytes();
    while (conversations < MOST) {
      int next = conversations + 1;
      CapacityModel.Work work = model.work(next);
      double busy = work.total() * taken / cores;
      // Whoever is answered needs a step in each group's time, however few others there are.
      boolean late = costs.step().at(Math.max(1, next / 2.0)) > utilization * groupMillis;
      double around = next * DATAFLOW_CORES / cores;
      Plan.Limit reached =
          late || work.steps() + work.prefill() > utilization
              ? Plan.Limit.RESPONSE_THREAD
              : work.encoder() / plan.encoder() > utilization
                  ? Plan.Limit.ENCODER
                  : work.detokenizer() / plan.detokenizer() > utilization
                      ? Plan.Limit.DETOKENIZER
                      : busy + around > utilization
                          ? Plan.Limit.CORES
                          : memory + (long) hosts * next * rowMebibytes > machine.memoryMebibytes()
                              ? Plan.Limit.MEMORY
                              : null;
      if (reached != null) {
        limit = reached;
        break;
      }
      conversations = next;
    }
    CapacityModel.Work work = model.work(Math.max(1, conversations));
    double share = (work.total() * taken + conversations * DATAFLOW_CORES) / cores;
    int all = hosts * conversations;
    return new Plan(
        all,
        limit,
        hosts,
        threads,
        firstAudio(costs, conversations, share),
        costs.step().at(Math.max(1, conversations / 2.0)),
        memory + all * rowMebibytes,
        work,
        share,
        price(machine, all));
  }

  /** For an accelerator, of which nothing was measured. */
  public Plan onAccelerator(Architecture model, Accelerator accelerator, Machine machine) {
    Manifest.Audio audio = manifest.audio();
    double windowSeconds = (double) audio.windowFrames() * audio.hopLength() / audio.sampleRate();
    double groupsPerSecond = (double) audio.tokenRate() / audio.groupSize();
    int fitting = Math.min(MOST, accelerator.fitting(model, positions));
    // Rows are half full on average.
    HostCosts costs =
        accelerator.costs(
            model,
            positions / 2,
            windowSeconds * groupsPerSecond,
            windowSeconds,
            groupsPerSecond,
            MOST);
    CapacityModel capacity =
        new CapacityModel(costs, audio, ThreadPlan.automatic().on(4), DETOKENIZER_BATCH, 0);
    int conversations = 0;
    while (conversations < fitting
        && capacity.work(conversations + 1).total() <= utilization
        && (conversations + 1) * DATAFLOW_CORES <= utilization * machine.cores()) {
      conversations++;
    }
    Plan.Limit limit =
        conversations == fitting
            ? Plan.Limit.DEVICE_MEMORY
            : capacity.work(conversations + 1).total() > utilization
                ? Plan.Limit.DEVICE
                : Plan.Limit.CORES;
    CapacityModel.Work work = capacity.work(Math.max(1, conversations));
    return new Plan(
        conversations,
        limit,
        1,
        1,
        firstAudio(costs, conversations, work.total()),
        costs.step().at(Math.max(1, conversations / 2.0)),
        AROUND_MEBIBYTES,
        work,
        work.total(),
        price(machine, conversations));
  }

  /**
   * @param busy share of cores or device
   */
  private static double firstAudio(HostCosts costs, int conversations, double busy) {
    double together = Math.max(1, conversations / 2.0);
    double detokenizer = costs.detokenizer() == null ? 0 : costs.detokenizer().at(1);
    double own =
        costs.encoder().at(1)
            + costs.prefillMillis()
            + FIRST_STEPS * costs.step().at(1)
            + detokenizer;
    // Calls of equal length that come by chance wait so much for others; whoever asks waits for
    // half of the others' step as well, while an answer's own first steps are small.
    double rho = Math.min(MOST_BUSY, busy);
    double waiting = 1 + rho / (2 * (1 - rho));
    return own * waiting + 0.5 * costs.step().at(together) + DATAFLOW_MILLIS;
  }

  private static double price(Machine machine, int conversations) {
    return conversations == 0 ? 0 : machine.pricePerHour() / conversations;
  }

  private static CostCurve divided(CostCurve curve, double by) {
    Map<Integer, Double> points = new TreeMap<>();
    curve.points().forEach((size, millis) -> points.put(size, millis / by));
    return new CostCurve(points);
  }
}
