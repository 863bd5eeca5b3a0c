package io.antiphon.cli;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.calls.CallSummary;
import io.antiphon.analytics.calls.ParticipantSummary;
import io.antiphon.analytics.calls.TextSource;
import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.figures.CallFigures;
import io.antiphon.analytics.rules.CategoryMatch;
import java.util.List;
import java.util.Locale;

/**
 * A page that needs nothing else, with each call drawn: its channels as bars on one axis, what was
 * said, where one interrupted, where nobody talked, where personal data is silenced. Everything
 * drawn is written as well.
 */
final class CallPage {
  private static final int WIDTH = 1000;
  private static final int ROW = 34;
  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
      <title>Calls</title><style>
      :root{color-scheme:light dark;--line:#8886;--c0:#2563a8;--c1:#a04a12;--quiet:#8883;--cut:#c01f3a;--mask:#111}
      @media(prefers-color-scheme:dark){:root{--c0:#7db3f0;--c1:#f0a66b;--cut:#ff7d92;--mask:#fff}}
      body{font:16px/1.45 system-ui,sans-serif;margin:1.5rem auto;max-width:70rem;padding:0 1rem}
      svg{width:100%;height:auto;display:block;margin:.5rem 0}svg text{font-size:13px;fill:currentColor}
      .c0{fill:var(--c0)}.c1{fill:var(--c1)}.quiet{fill:var(--quiet)}.cut{fill:var(--cut)}
      .mask{fill:none;stroke:var(--mask);stroke-width:2;stroke-dasharray:4 3}.axis{stroke:var(--line)}
      table{border-collapse:collapse;width:100%;margin:.5rem 0}th,td{text-align:left;padding:.25rem .6rem;
      border-bottom:1px solid var(--line);vertical-align:top}td.n,th.n{text-align:right;white-space:nowrap}
      article{border-top:2px solid var(--line);margin-top:2rem}summary{cursor:pointer}
      </style></head><body><main><h1>Calls</h1>
      <p>Bars: who talks (upper: first channel, lower: second). Grey: nobody talks. Red: an interruption. Dashed: silenced in the
      sound.</p>
      """;

  private final StringBuilder calls = new StringBuilder();
  private int number;

  void add(CallSummary call) {
    String id = "call-" + number++;
    calls.append("<article aria-labelledby=\"").append(id).append("\"><h2 id=\"").append(id);
    calls.append("\">").append(escaped(call.callId())).append("</h2>\n<p>");
    calls.append(escaped(call.text())).append("</p>\n");
    writer(call);
    draw(call);
    figures(call);
    transcript(call);
    calls.append("</article>\n");
  }

  String html() {
    return HEAD + calls + "</main></body></html>\n";
  }

  /** A model's words are told from figures. */
  private void writer(CallSummary call) {
    if (call.textSource() == TextSource.MODEL) {
      calls.append("<p><small>Written by the model ").append(escaped(call.model()));
      calls.append(". What it quotes was said; the rest is not checked.");
      if (call.omittedSegments() > 0) {
        calls.append(" It was not given ").append(call.omittedSegments());
        calls.append(" utterances in the middle of the call.");
      }
      calls.append("</small></p>\n");
    }
  }

  private void draw(CallSummary call) {
    CallFigures figures = call.figures();
    double scale = (double) WIDTH / Math.max(1, figures.durationMillis());
    int height = call.participants().size() * ROW;
    calls.append("<svg viewBox=\"0 0 ").append(WIDTH).append(' ').append(height + 22);
    calls.append("\" role=\"img\" aria-label=\"Who talks when; the table below says the same\">\n");
    for (Interval quiet : figures.nonTalk()) {
      rectangle("quiet", quiet, scale, 0, height, "nobody talks, " + seconds(quiet));
    }
    for (TranscriptSegment segment : call.transcript()) {
      rectangle(
          "c" + segment.channel(),
          segment.interval(),
          scale,
          segment.channel() * ROW + 6,
          ROW - 12,
          segment.role() + " " + time(segment.interval().beginMillis()) + ": " + segment.text());
    }
    for (TranscriptSegment segment : call.transcript()) {
      for (Interval silent : segment.silenced()) {
        rectangle("mask", silent, scale, segment.channel() * ROW + 2, ROW - 4, "silenced");
      }
    }
    figures
        .interruptions()
        .forEach(
            each ->
                rectangle(
                    "cut",
                    each.overlap(),
                    scale,
                    each.byChannel() * ROW,
                    4,
                    role(call, each.byChannel()) + " interrupts, " + seconds(each.overlap())));
    calls.append("<line class=\"axis\" x1=\"0\" x2=\"").append(WIDTH).append("\" y1=\"");
    calls.append(height).append("\" y2=\"").append(height).append("\"/>\n");
    for (int tick = 0; tick <= 5; tick++) {
      String anchor = tick == 0 ? "start" : tick == 5 ? "end" : "middle";
      calls.append("<text x=\"").append(WIDTH / 5 * tick).append("\" y=\"").append(height + 16);
      calls.append("\" text-anchor=\"").append(anchor).append("\">");
      calls.append(time(figures.durationMillis() * tick / 5)).append("</text>\n");
    }
    calls.append("</svg>\n");
  }

  private void rectangle(
      String kind, Interval where, double scale, int y, int height, String title) {
    calls.append(
        String.format(
            Locale.ROOT,
            "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>%s</title>"
                + "</rect>%n",
            kind,
            where.beginMillis() * scale,
            y,
            Math.max(1, where.lengthMillis() * scale),
            height,
            escaped(title)));
  }

  private void figures(CallSummary call) {
    calls.append("<table><thead><tr><th>participant<th class=\"n\">talk<th class=\"n\">words");
    calls.append("<th class=\"n\">words a minute<th class=\"n\">interruptions");
    calls.append("<th class=\"n\">mean response<th class=\"n\">sentiment<th>findings</thead>\n");
    for (ParticipantSummary each : call.participants()) {
      calls.append("<tr><th>").append(escaped(each.role()));
      number(seconds(each.figures().talkMillis()));
      number(Integer.toString(each.figures().words()));
      number(Double.toString(each.wordsPerMinute()));
      number(Integer.toString(each.figures().interruptions()));
      number(seconds(each.figures().meanResponseMillis()));
      number(each.sentiment() == null ? "none" : Double.toString(each.sentiment()));
      String findings = String.join(", ", each.findings().stream().map(Enum::name).toList());
      calls.append("<td>").append(findings).append("\n");
    }
    calls.append("</table>\n<p>Overtalk ").append(seconds(call.figures().overtalkMillis()));
    calls.append(", nobody talks ").append(seconds(call.figures().nonTalkMillis()));
    calls.append(", not recognised ").append(call.failedUtterances()).append(" utterances.");
    List<String> categories = call.categories().stream().map(CallPage::category).toList();
    if (!categories.isEmpty()) {
      calls.append(" Categories: ").append(escaped(String.join(", ", categories))).append('.');
    }
    calls.append("</p>\n");
  }

  private static String category(CategoryMatch match) {
    return match.points().isEmpty()
        ? match.name()
        : match.name() + " at " + time(match.points().get(0).beginMillis());
  }

  private void transcript(CallSummary call) {
    calls.append("<details><summary>What was said</summary><table><thead><tr><th class=\"n\">");
    calls.append("begin<th class=\"n\">end<th>who<th>text<th class=\"n\">sentiment</thead>\n");
    for (TranscriptSegment segment : call.transcript()) {
      calls.append("<tr>");
      number(time(segment.interval().beginMillis()));
      number(time(segment.interval().endMillis()));
      calls.append("<td>").append(escaped(segment.role()));
      calls.append("<td>").append(escaped(segment.text()));
      number(Double.toString(segment.sentiment()));
      calls.append("\n");
    }
    calls.append("</table></details>\n");
  }

  private void number(String value) {
    calls.append("<td class=\"n\">").append(value);
  }

  private static String role(CallSummary call, int channel) {
    return call.participants().get(channel).role();
  }

  private static String seconds(Interval interval) {
    return seconds(interval.lengthMillis());
  }

  private static String seconds(long millis) {
    return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
  }

  private static String time(long millis) {
    return String.format(
        Locale.ROOT, "%d:%02d.%d", millis / 60_000, millis / 1000 % 60, millis / 100 % 10);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
