// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/startuptrace.h"

#include <QFile>
#include <QStringList>
#include <QTextStream>

#include <unistd.h>

namespace tidemark::gui {

namespace {

/// Milliseconds since the kernel started this process (proc(5): field 22 of stat, in clock ticks since boot).
qint64 processAgeMs()
{
    QFile stat(QStringLiteral("/proc/self/stat"));
    QFile uptime(QStringLiteral("/proc/uptime"));
    if (!stat.open(QIODevice::ReadOnly) || !uptime.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray text = stat.readAll();
    const QList<QByteArray> fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
    const double started = fields.value(19).toDouble() / static_cast<double>(sysconf(_SC_CLK_TCK));
    return static_cast<qint64>((uptime.readAll().split(' ').value(0).toDouble() - started) * 1000);
}

} // namespace

StartupTrace::StartupTrace(bool enabled)
    : m_enabled(enabled)
    , m_beforeMs(enabled ? processAgeMs() : 0)
{
    m_timer.start();
}

void StartupTrace::reached(const QString &stage)
{
    if (!m_enabled || m_told.contains(stage))
        return;
    m_told << stage;
    QTextStream(stderr) << QStringLiteral("%1 ms  %2").arg(m_beforeMs + m_timer.elapsed(), 6).arg(stage) << Qt::endl;
}

} // namespace tidemark::gui
