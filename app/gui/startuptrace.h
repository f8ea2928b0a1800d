// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QString>
#include <QStringList>

namespace tidemark::gui {

/// Tells on stderr when the stages of starting were reached, counted from the start of the process.
class StartupTrace
{
public:
    explicit StartupTrace(bool enabled);
    /// Tells a stage once; later calls for it say nothing.
    void reached(const QString &stage);

private:
    bool m_enabled;
    qint64 m_beforeMs; ///< from the start of the process until the timer ran
    QElapsedTimer m_timer;
    QStringList m_told;
};

} // namespace tidemark::gui
