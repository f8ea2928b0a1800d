// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/runprogress.h"

#include "core/base/printable.h"
#include "core/base/units.h"

#include <unistd.h>

namespace tidemark::cli {

RunProgress::RunProgress(const Context &context)
    : m_context(context)
    , m_isTerminal(!context.json && isatty(STDERR_FILENO) != 0)
{
}

void RunProgress::tell(const RunEvent &event)
{
    const std::lock_guard lock(m_mutex);
    if (m_context.json) {
        m_context.printLine({{QStringLiteral("event"), event.kind},
                             {QStringLiteral("step"), event.step ? QJsonValue(*event.step) : QJsonValue()},
                             {QStringLiteral("text"), event.text},
                             {QStringLiteral("detail"), event.detail}});
        return;
    }
    clearLine();
    m_context.err << (event.step ? QStringLiteral("%1. ").arg(*event.step) : QString())
                  << printable(event.text, Lines::Kept) << Qt::endl;
}

QString RunProgress::rateAndEta(const RunRecord &run)
{
    m_pace.add(run.currentStep, run.rowsDone);
    const auto rate = m_pace.rowsPerSecond();
    if (!rate || *rate <= 0)
        return {};
    QString text = QStringLiteral("  %1 rows/s").arg(units::roughCount(static_cast<qint64>(*rate)));
    if (const auto left = m_pace.left(run.rowsTotal))
        text += QStringLiteral("  %1 left").arg(units::duration(*left));
    return text;
}

void RunProgress::show(const RunRecord &run)
{
    const std::lock_guard lock(m_mutex);
    if (!m_isTerminal)
        return;
    QString line = QStringLiteral("[%1/%2] %3").arg(run.stepsDone).arg(run.steps).arg(printable(run.currentStep));
    if (run.rowsDone) {
        line += QStringLiteral("  ") + units::roughCount(*run.rowsDone);
        if (run.rowsTotal && *run.rowsTotal > 0)
            line += QStringLiteral(" of %1 rows").arg(units::roughCount(*run.rowsTotal));
        line += rateAndEta(run);
    }
    clearLine();
    m_context.err << line << Qt::flush;
    m_shown = displayWidth(line);
}

void RunProgress::finish()
{
    const std::lock_guard lock(m_mutex);
    clearLine();
}

void RunProgress::clearLine()
{
    if (m_shown > 0)
        m_context.err << '\r' << QString(m_shown, QLatin1Char(' ')) << '\r' << Qt::flush;
    m_shown = 0;
}

} // namespace tidemark::cli
