// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QButtonGroup;
class QGridLayout;

namespace tidemark::ui {

/// A way to do it, with what it asks of the server and of everybody else.
struct StrategyChoice
{
    QString id;
    QString title;
    QStringList facts; ///< one a column of the list
    QString toolTip;   ///< what the facts were reckoned from
    QString whyNot;    ///< not empty: it cannot be chosen, because …
};

/// The ways there are, side by side, one of them chosen.
class StrategyList : public QWidget
{
    Q_OBJECT

public:
    /// What the columns of facts are.
    explicit StrategyList(const QStringList &headers, QWidget *parent = nullptr);
    void setChoices(const QList<StrategyChoice> &choices, const QString &chosen);
    [[nodiscard]] QString chosen() const;

Q_SIGNALS:
    void choiceChanged(const QString &id);

private:
    QStringList m_headers;
    QList<StrategyChoice> m_choices;
    QButtonGroup *m_group;
    QGridLayout *m_grid;
};

} // namespace tidemark::ui
