// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/runsettings.h"

#include <QWidget>

#include <vector>

class QSpinBox;

namespace tidemark::ui {

/// What a DBA may choose for a run before it begins and while it goes on: how hard it works, what it must not push the
/// server beyond, and how it comes by locks.
class RunSettingsForm : public QWidget
{
    Q_OBJECT

public:
    /// With the limits and the locks beside the work itself, or the work alone.
    enum class Extent { Work, All };
    explicit RunSettingsForm(Extent extent, QWidget *parent = nullptr);

    void setSettings(const RunSettings &settings);
    /// Those given last, with what was changed in the form.
    [[nodiscard]] RunSettings settings() const;

Q_SIGNALS:
    void edited();

private:
    struct Entry
    {
        QString key;      ///< of RunSettings' JSON
        qint64 scale = 1; ///< of what the form shows: 1000 for seconds of a setting in ms
        bool optional = false;
        QSpinBox *box = nullptr;
    };
    RunSettings m_given;
    std::vector<Entry> m_entries;
};

} // namespace tidemark::ui
