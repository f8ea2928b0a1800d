// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/environmentband.h"

#include "ui/services/theme.h"

#include <QPainter>

namespace tidemark::ui {

EnvironmentBand::EnvironmentBand(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    hide();
}

void EnvironmentBand::setEnvironment(std::optional<Environment> environment, const QString &text)
{
    m_environment = environment.value_or(Environment::Development);
    m_text = text;
    setAccessibleName(text);
    setVisible(environment.has_value());
    update();
}

QSize EnvironmentBand::sizeHint() const
{
    return {fontMetrics().horizontalAdvance(m_text), fontMetrics().height() * 5 / 4};
}

void EnvironmentBand::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme &theme = Theme::of(palette());
    painter.fillRect(rect(), theme.of(m_environment));
    painter.setPen(theme.on(m_environment));
    painter.setFont(boldFont(font()));
    painter.drawText(rect().adjusted(spacing(this, 4), 0, -spacing(this, 4), 0), Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(m_text, Qt::ElideRight, width() - spacing(this, 8)));
}

} // namespace tidemark::ui
