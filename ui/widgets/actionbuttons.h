// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>

class QAction;
class QBoxLayout;
class QWidget;

namespace tidemark::ui {

/// Adds a button for each action: it is there while its action is visible, with its text, icon, state and tool tip.
void addButtons(const QList<QAction *> &actions, QBoxLayout *layout, QWidget *parent);

} // namespace tidemark::ui
