// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/refreshprogress.h"

#include "app/cli/json.h"
#include "core/base/printable.h"
#include "core/base/units.h"

#include <unistd.h>

namespace tidemark::cli {

using refresh::ItemState;

namespace {

QString rowsText(const refresh::RefreshOutcome &outcome)
{
    if (!outcome.written)
        return {};
    if (!outcome.removed)
        return QStringLiteral(", %1 rows").arg(units::count(*outcome.written));
    if (*outcome.written == 0 && *outcome.removed == 0)
        return QStringLiteral(", nothing had changed");
    return QStringLiteral(", %1 rows written, %2 removed")
        .arg(units::count(*outcome.written), units::count(*outcome.removed));
}

QString lineOf(const refresh::RefreshStanding &standing)
{
    switch (standing.state) {
    case ItemState::Succeeded: {
        QString line = QStringLiteral("refreshed");
        if (standing.outcome.took)
            line += QStringLiteral(" in %1").arg(units::duration(*standing.outcome.took));
        line += rowsText(standing.outcome);
        if (standing.outcome.waited >= Millis(100))
            line += QStringLiteral(", after %1 for its locks").arg(units::duration(standing.outcome.waited));
        return standing.text.isEmpty() ? line : line + QStringLiteral("; ") + standing.text;
    }
    case ItemState::Failed:
        return QStringLiteral("failed: %1").arg(standing.text);
    case ItemState::Skipped:
        return QStringLiteral("skipped: %1").arg(standing.text);
    case ItemState::Stopped:
        return QStringLiteral("stopped: %1").arg(standing.text);
    case ItemState::Open:
    case ItemState::Waiting:
    case ItemState::Running:
        break;
    }
    return {};
}

QString progressOf(const refresh::RefreshItem &item, const refresh::RefreshStanding &standing)
{
    QString text = printable(item.name.display());
    if (standing.state == ItemState::Waiting || !standing.text.isEmpty())
        return text
               + (standing.text.isEmpty() ? QStringLiteral(" begins")
                                          : QStringLiteral(" waits for ") + printable(standing.text));
    text += QLatin1Char(' ') + units::duration(standing.runningFor.value_or(Millis(0)));
    if (item.expected)
        text += QStringLiteral(" of about %1").arg(units::duration(*item.expected));
    if (standing.filled)
        text += QStringLiteral(", %1 % filled").arg(qRound(*standing.filled * 100));
    return text;
}

} // namespace

RefreshProgress::RefreshProgress(const Context &context, const refresh::RefreshPlan &plan)
    : m_context(context)
    , m_plan(plan)
    , m_isTerminal(!context.json && isatty(STDERR_FILENO) != 0)
{
}

void RefreshProgress::tell(const refresh::RefreshNews &news)
{
    const std::lock_guard lock(m_mutex);
    const refresh::RefreshItem &item = m_plan.items.at(static_cast<std::size_t>(news.place));
    if (m_context.json) {
        QJsonObject json = refreshStandingJson(news.standing);
        json.insert(QStringLiteral("event"), json.take(QStringLiteral("state")));
        json.insert(QStringLiteral("schema"), item.name.schema);
        json.insert(QStringLiteral("name"), item.name.name);
        m_context.printLine(json);
        return;
    }
    clearLine();
    const QString name = printable(item.name.display());
    if (const QString line = lineOf(news.standing); !line.isEmpty())
        m_context.out << name << ": " << printable(line, Lines::Kept) << Qt::endl;
    else if (news.standing.state == ItemState::Waiting && !news.standing.text.isEmpty())
        m_context.err << name << ": waits for " << printable(news.standing.text, Lines::Kept) << Qt::endl;
}

void RefreshProgress::show(const refresh::RefreshLook &look)
{
    const std::lock_guard lock(m_mutex);
    if (!m_isTerminal)
        return;
    QStringList now;
    int over = 0;
    for (std::size_t place = 0; place < look.items.size(); ++place) {
        const ItemState state = look.items[place].state;
        if (state == ItemState::Waiting || state == ItemState::Running)
            now << progressOf(m_plan.items[place], look.items[place]);
        else if (state != ItemState::Open)
            ++over;
    }
    QString line = QStringLiteral("[%1/%2] %3").arg(over).arg(look.items.size()).arg(now.join(QStringLiteral("; ")));
    if (look.left && *look.left > Millis(0))
        line += QStringLiteral("  about %1 left").arg(units::duration(*look.left));
    // A line that breaks cannot be written over.
    if (line.size() > 150)
        line = line.left(149) + QChar(0x2026);
    clearLine();
    m_context.err << line << Qt::flush;
    m_shown = displayWidth(line);
}

void RefreshProgress::finish()
{
    const std::lock_guard lock(m_mutex);
    clearLine();
}

void RefreshProgress::clearLine()
{
    if (m_shown > 0)
        m_context.err << '\r' << QString(m_shown, QLatin1Char(' ')) << '\r' << Qt::flush;
    m_shown = 0;
}

QJsonObject refreshItemJson(const refresh::RefreshPlan &plan, int place)
{
    const refresh::RefreshItem &item = plan.items.at(static_cast<std::size_t>(place));
    QJsonArray after;
    for (const int before : item.after) {
        const pg::QualifiedName &name = plan.items[static_cast<std::size_t>(before)].name;
        after.append(QJsonObject{{QStringLiteral("schema"), name.schema}, {QStringLiteral("name"), name.name}});
    }
    return {
        {QStringLiteral("schema"), item.name.schema},
        {QStringLiteral("name"), item.name.name},
        {QStringLiteral("kind"), toWord(item.kind)},
        {QStringLiteral("method"), refresh::toWord(item.choice.method)},
        {QStringLiteral("because"), item.choice.because},
        {QStringLiteral("statement"), item.statement},
        {QStringLiteral("lock"), item.choice.lock ? QJsonValue(lockModeSql(*item.choice.lock)) : QJsonValue()},
        {QStringLiteral("locks_readers_out"), item.choice.locksReadersOut},
        {QStringLiteral("obstacle"), item.choice.obstacle.isEmpty() ? QJsonValue() : QJsonValue(item.choice.obstacle)},
        {QStringLiteral("asked_for"), item.isAskedFor},
        {QStringLiteral("after"), after},
        {QStringLiteral("expected_ms"), jsonOf(item.expected)},
    };
}

QJsonObject refreshStandingJson(const refresh::RefreshStanding &standing)
{
    return {
        {QStringLiteral("state"), refresh::toWord(standing.state)},
        {QStringLiteral("text"), standing.text.isEmpty() ? QJsonValue() : QJsonValue(standing.text)},
        {QStringLiteral("started_at"), jsonOf(standing.outcome.startedAt)},
        {QStringLiteral("finished_at"), jsonOf(standing.outcome.finishedAt)},
        {QStringLiteral("duration_ms"), jsonOf(standing.outcome.took)},
        {QStringLiteral("waited_ms"), static_cast<qint64>(standing.outcome.waited.count())},
        {QStringLiteral("rows_written"), jsonOf(standing.outcome.written)},
        {QStringLiteral("rows_removed"), jsonOf(standing.outcome.removed)},
    };
}

} // namespace tidemark::cli
