// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/progressline.h"

#include "ui/services/theme.h"
#include "ui/widgets/delegates.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tidemark::ui {

ProgressLine::ProgressLine(QWidget *parent)
    : QProgressBar(parent)
{
    setRange(0, 1000);
    setTextVisible(false);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ProgressLine::setShare(double share)
{
    setValue(static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * maximum())));
}

QSize ProgressLine::sizeHint() const
{
    return {spacing(this, 40), spacing(this, 2)};
}

QSize ProgressLine::minimumSizeHint() const
{
    return {spacing(this, 10), spacing(this, 2)};
}

void ProgressLine::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme &theme = Theme::of(palette());
    paintBar(&painter, rect(), static_cast<double>(value()) / maximum(), theme.accent, theme.border);
}

} // namespace tidemark::ui
