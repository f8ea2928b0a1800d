// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/strategylist.h"

#include "ui/services/theme.h"

#include <QApplication>
#include <QButtonGroup>
#include <QGridLayout>
#include <QLabel>
#include <QRadioButton>

namespace tidemark::ui {

StrategyList::StrategyList(const QStringList &headers, QWidget *parent)
    : QWidget(parent)
    , m_headers(headers)
    , m_group(new QButtonGroup(this))
    , m_grid(new QGridLayout(this))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(spacing(this, 6));
    m_grid->setVerticalSpacing(spacing(this, 2));
    connect(m_group, &QButtonGroup::idToggled, this, [this](int index, bool checked) {
        if (checked)
            Q_EMIT choiceChanged(m_choices.value(index).id);
    });
}

void StrategyList::setChoices(const QList<StrategyChoice> &choices, const QString &chosen)
{
    const QSignalBlocker quiet(m_group);
    const bool hadFocus = isAncestorOf(QApplication::focusWidget());
    for (QAbstractButton *button : m_group->buttons())
        m_group->removeButton(button);
    while (QLayoutItem *item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_choices = choices;
    for (int column = 0; column < m_headers.size(); ++column) {
        auto *label = new QLabel(m_headers[column], this);
        label->setForegroundRole(QPalette::PlaceholderText);
        m_grid->addWidget(label, 0, column);
    }
    for (int index = 0; index < choices.size(); ++index) {
        const StrategyChoice &choice = choices[index];
        auto *button = new QRadioButton(choice.title, this);
        button->setObjectName(QStringLiteral("strategy-") + choice.id);
        button->setChecked(choice.id == chosen);
        button->setEnabled(choice.whyNot.isEmpty());
        button->setToolTip(choice.whyNot.isEmpty() ? choice.toolTip : choice.whyNot);
        button->setAccessibleDescription((choice.facts + QStringList{choice.whyNot}).join(QLatin1String(". ")));
        m_group->addButton(button, index);
        m_grid->addWidget(button, index + 1, 0);
        const QStringList facts = choice.whyNot.isEmpty() ? choice.facts : QStringList{choice.whyNot};
        for (int column = 0; column < facts.size(); ++column) {
            auto *fact = new QLabel(facts[column], this);
            fact->setWordWrap(true);
            fact->setEnabled(choice.whyNot.isEmpty());
            const int span = choice.whyNot.isEmpty() ? 1 : static_cast<int>(m_headers.size()) - 1;
            m_grid->addWidget(fact, index + 1, column + 1, 1, span);
        }
    }
    for (int column = 1; column < m_headers.size(); ++column)
        m_grid->setColumnStretch(column, 1);
    if (hadFocus && m_group->checkedButton())
        m_group->checkedButton()->setFocus(Qt::OtherFocusReason);
}

QString StrategyList::chosen() const
{
    return m_choices.value(m_group->checkedId()).id;
}

} // namespace tidemark::ui
