// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/retunedialog.h"

#include "ui/services/theme.h"
#include "ui/widgets/runsettingsform.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace tidemark::ui {

RetuneDialog::RetuneDialog(const QString &title, const RunSettings &settings, QWidget *parent)
    : QDialog(parent)
    , m_form(new RunSettingsForm(RunSettingsForm::Extent::All, this))
{
    setWindowTitle(tr("Retune run"));
    setObjectName(QStringLiteral("retune"));
    m_form->setSettings(settings);
    auto *what = new QLabel(title, this);
    what->setFont(boldFont(what->font()));
    what->setWordWrap(true);
    what->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    QPushButton *retune = buttons->addButton(tr("Retune run"), QDialogButtonBox::AcceptRole);
    retune->setDefault(true);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing(this, 5), spacing(this, 5), spacing(this, 5), spacing(this, 4));
    layout->setSpacing(spacing(this, 3));
    layout->addWidget(what);
    layout->addWidget(m_form);
    layout->addStretch(1);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, [this]() {
        Q_EMIT chosen(m_form->settings());
        accept();
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

RunSettings RetuneDialog::settings() const
{
    return m_form->settings();
}

} // namespace tidemark::ui
