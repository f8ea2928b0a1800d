// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>
#include <QPixmap>

namespace tidemark::ui {

/// An icon of ours by name ("freshness", "pause"). It is drawn in the palette's text colour each time it is painted, so
/// it follows the theme by itself.
[[nodiscard]] QIcon icon(const QString &name);
/// The same in a colour of its own.
[[nodiscard]] QPixmap iconPixmap(const QString &name, const QColor &color, int size, qreal devicePixelRatio);
/// The application's own icon, in its own colours.
[[nodiscard]] QIcon applicationIcon();

} // namespace tidemark::ui
