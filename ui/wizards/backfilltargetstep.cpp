// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/backfilltargetstep.h"

#include "ui/services/theme.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QRadioButton>

#include <algorithm>

namespace tidemark::ui {

BackfillTargetStep::BackfillTargetStep(const PageContext &context, BackfillDraft &draft, QWidget *parent)
    : TargetStep(context, draft, CandidatesFor::Backfill, tr("Choose the table whose rows are to be filled."), parent)
    , m_backfill(draft)
    , m_own(new QRadioButton(tr("Fill columns of its &own rows"), this))
    , m_others(new QRadioButton(tr("&Add rows made from the rows of"), this))
    , m_from(new QComboBox(this))
{
    m_own->setChecked(true);
    m_own->setObjectName(QStringLiteral("own"));
    m_others->setObjectName(QStringLiteral("others"));
    m_from->setObjectName(QStringLiteral("from"));
    m_from->setAccessibleName(tr("Table that the added rows are made from"));
    m_from->setEnabled(false);
    auto *row = new QHBoxLayout;
    row->setContentsMargins(spacing(this, 4), spacing(this, 3), spacing(this, 4), spacing(this, 3));
    row->setSpacing(spacing(this, 3));
    row->addWidget(m_own);
    row->addSpacing(spacing(this, 4));
    row->addWidget(m_others);
    row->addWidget(m_from);
    row->addStretch(1);
    qobject_cast<QBoxLayout *>(layout())->addLayout(row);
    connect(m_own, &QRadioButton::toggled, this, &BackfillTargetStep::change);
    connect(m_from, &QComboBox::currentIndexChanged, this, &BackfillTargetStep::change);
}

void BackfillTargetStep::showTables(const std::vector<TableCandidate> &tables)
{
    m_tables = tables;
}

void BackfillTargetStep::choose()
{
    TargetStep::choose();
    m_filling = true;
    const pg::QualifiedName target = draft().table ? draft().table->name : pg::QualifiedName();
    m_from->clear();
    for (const TableCandidate &table : m_tables) {
        if (table.name != target)
            m_from->addItem(table.name.display(), QStringList{table.name.schema, table.name.name});
    }
    m_others->setEnabled(m_from->count() > 0);
    const pg::QualifiedName &from = m_backfill.from;
    const int chosen = m_from->findData(QStringList{from.schema, from.name});
    m_from->setCurrentIndex(std::max(0, chosen));
    (chosen >= 0 ? m_others : m_own)->setChecked(true);
    m_filling = false;
    change();
}

void BackfillTargetStep::change()
{
    m_from->setEnabled(m_others->isChecked());
    if (m_filling || !draft().table)
        return;
    const QStringList chosen = m_from->currentData().toStringList();
    const bool others = m_others->isChecked() && chosen.size() == 2;
    m_backfill.from = others ? pg::QualifiedName{chosen[0], chosen[1]} : pg::QualifiedName();
    Q_EMIT completeChanged();
}

bool BackfillTargetStep::isComplete() const
{
    return TargetStep::isComplete() && (m_own->isChecked() || m_from->currentIndex() >= 0);
}

} // namespace tidemark::ui
