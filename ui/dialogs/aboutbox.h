// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace tidemark::ui {

/// Name, version and licence, in a window of its own.
void showAbout(QWidget *parent);

} // namespace tidemark::ui
