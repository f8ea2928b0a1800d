// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/runsettings.h"

#include <QDialog>

namespace tidemark::ui {

class RunSettingsForm;

/// Other settings for a run that goes on; its driver takes them up within a second.
class RetuneDialog : public QDialog
{
    Q_OBJECT

public:
    RetuneDialog(const QString &title, const RunSettings &settings, QWidget *parent = nullptr);
    [[nodiscard]] RunSettings settings() const;

Q_SIGNALS:
    void chosen(const tidemark::RunSettings &settings);

private:
    RunSettingsForm *m_form;
};

} // namespace tidemark::ui
