// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/actionbuttons.h"

#include <QAction>
#include <QBoxLayout>
#include <QPushButton>

namespace tidemark::ui {

void addButtons(const QList<QAction *> &actions, QBoxLayout *layout, QWidget *parent)
{
    for (QAction *action : actions) {
        auto *button = new QPushButton(parent);
        button->setAutoDefault(false);
        const auto follow = [action, button]() {
            button->setText(action->text());
            button->setAccessibleName(action->text().remove(QLatin1Char('&')));
            button->setToolTip(action->toolTip());
            button->setIcon(action->icon());
            button->setEnabled(action->isEnabled());
            button->setVisible(action->isVisible());
        };
        QObject::connect(action, &QAction::changed, button, follow);
        QObject::connect(action, &QAction::visibleChanged, button, follow);
        QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
        layout->addWidget(button);
        follow();
    }
}

} // namespace tidemark::ui
