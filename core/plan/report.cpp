// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/report.h"

#include "core/base/units.h"
#include "core/plan/runjson.h"
#include "resources/resources.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>

#include <functional>

namespace tidemark {

namespace {

QString cell(const QString &text, const char *attributes = "")
{
    return QStringLiteral("<td%1>%2</td>").arg(QLatin1String(attributes), text.toHtmlEscaped());
}

QString fact(const QString &name, const QString &value)
{
    return QStringLiteral("<tr>%1%2</tr>\n")
        .arg(cell(name, " class=\"name\""), cell(value.isEmpty() ? QStringLiteral("–") : value));
}

QString heading(const QString &text)
{
    return QStringLiteral("<h2>%1</h2>\n").arg(text.toHtmlEscaped());
}

struct Column
{
    const char *title;
    int percent; ///< of the width; 0: what is left
    bool isNumber = false;
};

QString table(std::initializer_list<Column> columns, const QString &rows)
{
    QString head;
    for (const Column &column : columns) {
        head += QStringLiteral("<th align=\"%1\"%2>%3</th>")
                    .arg(column.isNumber ? QLatin1String("right") : QLatin1String("left"),
                         column.percent > 0 ? QStringLiteral(" width=\"%1%\"").arg(column.percent) : QString(),
                         QLatin1String(column.title));
    }
    return QStringLiteral("<table width=\"100%\" cellspacing=\"0\" cellpadding=\"3\"><tr>%1</tr>\n%2</table>\n")
        .arg(head, rows);
}

QString journal(const QString &rows)
{
    return table({{"When", 29}, {"Step", 6, true}, {"What", 10}, {"", 0}}, rows);
}

QString facts(const QString &rows)
{
    return QStringLiteral("<table cellspacing=\"0\" cellpadding=\"2\">\n%1</table>\n").arg(rows);
}

/// "2026-11-20 14:03:05.120 UTC"
QString moment(const QJsonValue &at)
{
    QString text = at.toString();
    if (text.isEmpty())
        return {};
    text = text.left(23).replace(QLatin1Char('T'), QLatin1Char(' '));
    return text.endsWith(QLatin1Char('Z')) ? text.chopped(1) + QStringLiteral(" UTC") : text + QStringLiteral(" UTC");
}

QString took(const QJsonObject &item)
{
    const auto at = [&item](const char *key) {
        return QDateTime::fromString(item[QLatin1String(key)].toString(), Qt::ISODateWithMs);
    };
    const QDateTime from = at("started_at");
    const QDateTime to = at("finished_at");
    return from.isValid() && to.isValid() ? units::duration(Millis(from.msecsTo(to))) : QString();
}

QString count(const QJsonValue &number)
{
    return number.isNull() || number.isUndefined() ? QString() : units::count(number.toInteger());
}

/// "held ms 12, drained 40": what a step measured and proved.
QString outcomeText(const QJsonObject &outcome)
{
    QStringList parts;
    for (auto member = outcome.begin(); member != outcome.end(); ++member) {
        if (member.key() == QLatin1String("rows"))
            continue;
        const QString value = member->isString() ? member->toString()
                              : member->isDouble()
                                  ? units::count(member->toInteger())
                                  : QString::fromUtf8(QJsonDocument(QJsonArray{*member}).toJson(QJsonDocument::Compact))
                                        .mid(1)
                                        .chopped(1);
        parts << QString(member.key()).replace(QLatin1Char('_'), QLatin1Char(' ')) + QLatin1Char(' ') + value;
    }
    return parts.join(QStringLiteral(", "));
}

QString runFacts(const QJsonObject &evidence)
{
    const QJsonObject run = evidence[QStringLiteral("run")].toObject();
    const QJsonObject server = evidence[QStringLiteral("server")].toObject();
    const QJsonObject plan = evidence[QStringLiteral("plan")].toObject();
    return facts(fact(QStringLiteral("State"), run[QStringLiteral("state")].toString())
                 + fact(QStringLiteral("Database"), server[QStringLiteral("database")].toString())
                 + fact(QStringLiteral("Server"), QStringLiteral("PostgreSQL %1, system identifier %2")
                                                      .arg(server[QStringLiteral("version")].toString(),
                                                           server[QStringLiteral("system_identifier")].toString()))
                 + fact(QStringLiteral("Run"), QString::number(run[QStringLiteral("id")].toInteger()))
                 + fact(QStringLiteral("Confirmed"), QStringLiteral("by %1, %2")
                                                         .arg(run[QStringLiteral("confirmed_by")].toString(),
                                                              moment(run[QStringLiteral("created_at")])))
                 + fact(QStringLiteral("Last driven by"), run[QStringLiteral("driver")].toString())
                 + fact(QStringLiteral("Started"), moment(run[QStringLiteral("started_at")]))
                 + fact(QStringLiteral("Ended"), moment(run[QStringLiteral("finished_at")]))
                 + fact(QStringLiteral("Took"), took(run))
                 + fact(QStringLiteral("Error"), run[QStringLiteral("error")].toString())
                 + fact(QStringLiteral("Fingerprint of the plan"), plan[QStringLiteral("fingerprint")].toString()));
}

QString stepRows(const QJsonArray &steps)
{
    QString rows;
    for (const QJsonValue &value : steps) {
        const QJsonObject step = value.toObject();
        const QString error = step[QStringLiteral("error")].toString();
        const QString outcome = outcomeText(step[QStringLiteral("outcome")].toObject());
        rows += QStringLiteral("<tr valign=\"top\">")
                + cell(QString::number(step[QStringLiteral("step")].toInt()), " align=\"right\"")
                + cell(step[QStringLiteral("title")].toString()) + cell(step[QStringLiteral("state")].toString())
                + cell(moment(step[QStringLiteral("started_at")]).mid(11, 8)) + cell(took(step), " align=\"right\"")
                + cell(count(step[QStringLiteral("rows_done")]), " align=\"right\"")
                + cell(error.isEmpty()
                           ? outcome
                           : QStringLiteral("%1 (attempt %2)").arg(error).arg(step[QStringLiteral("attempts")].toInt()))
                + QStringLiteral("</tr>\n");
    }
    return rows;
}

QString eventRows(const QJsonArray &events, const std::function<bool(const QString &)> &isWanted)
{
    QString rows;
    for (const QJsonValue &event : events) {
        const QString kind = event[QStringLiteral("event")].toString();
        if (!isWanted(kind))
            continue;
        const int step = event[QStringLiteral("step")].toInt();
        rows += QStringLiteral("<tr valign=\"top\">") + cell(moment(event[QStringLiteral("at")]))
                + cell(step > 0 ? QString::number(step) : QString(), " align=\"right\"") + cell(kind)
                + cell(event[QStringLiteral("text")].toString()) + QStringLiteral("</tr>\n");
    }
    return rows;
}

QString statementsHtml(const QJsonArray &steps)
{
    QString html;
    int number = 0;
    for (const QJsonValue &step : steps) {
        ++number;
        const QJsonArray statements = step[QStringLiteral("statements")].toArray();
        if (statements.isEmpty())
            continue;
        html += QStringLiteral("<h3>%1. %2</h3>\n")
                    .arg(number)
                    .arg(step[QStringLiteral("title")].toString().toHtmlEscaped());
        for (const QJsonValue &statement : statements)
            html += QStringLiteral("<pre>%1;</pre>\n").arg(statement.toString().toHtmlEscaped());
    }
    return html;
}

QString listOf(const QJsonArray &notes)
{
    QString items;
    for (const QJsonValue &note : notes)
        items += QStringLiteral("<li>%1</li>\n").arg(note.toString().toHtmlEscaped());
    return items.isEmpty() ? QString() : QStringLiteral("<ul>%1</ul>\n").arg(items);
}

} // namespace

Result<RunReport> reportOfRun(pg::Session &session, qint64 id, std::stop_token stop)
{
    TIDEMARK_TRY(const RunDetail run, readRun(session, id, stop));
    TIDEMARK_TRY(const auto server,
                 session.exec("SELECT pg_catalog.current_database(), pg_catalog.current_setting('server_version')", {},
                              {.stop = stop}));
    RunReport report;
    report.evidence = toJson(run);
    report.evidence.insert(QStringLiteral("version"), 1);
    report.evidence.insert(QStringLiteral("server"),
                           QJsonObject{{QStringLiteral("database"), server.text(0, 0)},
                                       {QStringLiteral("version"), server.text(0, 1)},
                                       {QStringLiteral("system_identifier"), run.plan.target.systemIdentifier}});
    // The keys of an object are sorted, so the same evidence has the same text.
    const QByteArray text = QJsonDocument(report.evidence).toJson(QJsonDocument::Compact);
    report.digest = QString::fromLatin1(QCryptographicHash::hash(text, QCryptographicHash::Sha256).toHex());
    report.evidence.insert(QStringLiteral("digest"), report.digest);
    return report;
}

QString RunReport::html() const
{
    const QJsonArray events = evidence[QStringLiteral("events")].toArray();
    const QJsonObject plan = evidence[QStringLiteral("plan")].toObject();
    const QString title = evidence[QStringLiteral("run")][QStringLiteral("title")].toString().toHtmlEscaped();
    const QString waits = eventRows(events, [](const QString &kind) {
        return kind == QLatin1String("lock") || kind == QLatin1String("throttle") || kind == QLatin1String("error");
    });
    const QString signatures = eventRows(events, [](const QString &kind) { return kind == QLatin1String("signed"); });
    QString settings;
    const QJsonObject tuned = evidence[QStringLiteral("settings")].toObject();
    for (auto setting = tuned.begin(); setting != tuned.end(); ++setting)
        settings += fact(setting.key(), setting->isNull() ? QString() : setting->toVariant().toString());

    initResources();
    QFile frame(QStringLiteral(":/report/run.html"));
    if (!frame.open(QIODevice::ReadOnly))
        qFatal("the resource report/run.html is missing");
    QString body = QStringLiteral("<h1>%1</h1>\n").arg(title) + runFacts(evidence);
    body += heading(QStringLiteral("Steps"))
            + table({{"#", 4, true},
                     {"Step", 29},
                     {"State", 8},
                     {"Started", 10},
                     {"Took", 9, true},
                     {"Rows", 8, true},
                     {"Measured and proven", 0}},
                    stepRows(evidence[QStringLiteral("steps")].toArray()));
    body += heading(QStringLiteral("What was waited for, what slowed it down, what failed"))
            + (waits.isEmpty() ? QStringLiteral("<p>Nothing.</p>\n") : journal(waits));
    body += heading(QStringLiteral("What was known before")) + listOf(plan[QStringLiteral("notes")].toArray());
    body += heading(QStringLiteral("Settings at the end")) + facts(settings);
    body += heading(QStringLiteral("Signed off"))
            + (signatures.isEmpty() ? QStringLiteral("<p>By nobody yet.</p>\n") : journal(signatures));
    body += heading(QStringLiteral("Journal")) + journal(eventRows(events, [](const QString &) { return true; }));
    body += heading(QStringLiteral("Statements")) + statementsHtml(plan[QStringLiteral("steps")].toArray());
    body += QStringLiteral("<p class=\"digest\">SHA-256 of the evidence: %1</p>\n").arg(digest);
    const QString page = QString::fromUtf8(frame.readAll());
    const QString place = QStringLiteral("{body}");
    return page.section(place, 0, 0).replace(QLatin1String("{title}"), title) + body + page.section(place, 1);
}

QByteArray RunReport::json() const
{
    return QJsonDocument(evidence).toJson();
}

Status signOffRun(pg::Session &session, qint64 id, const QString &words)
{
    TIDEMARK_TRY(const RunRecord run, readRunRecord(session, id));
    const bool isOver = run.state == RunState::Succeeded || run.state == RunState::Undone
                        || run.state == RunState::Cancelled || run.state == RunState::Failed;
    if (!isOver) {
        return fail(Error::input(
            QStringLiteral("run %1 is %2: it can be signed off when it is over").arg(id).arg(runStateName(run.state))));
    }
    return session
        .exec("INSERT INTO tidemark.run_event (run, kind, text) "
              "VALUES ($1, 'signed', session_user || CASE WHEN $2 = '' THEN '' ELSE ': ' || $2 END)",
              {id, words})
        .map([](const pg::ResultSet &) {});
}

} // namespace tidemark
