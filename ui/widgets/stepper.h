// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace tidemark::ui {

/// The steps of a wizard in one line: done, current and to come, told by mark, weight and colour.
class Stepper : public QWidget
{
    Q_OBJECT

public:
    explicit Stepper(const QStringList &titles, QWidget *parent = nullptr);
    void setCurrent(int index);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    [[nodiscard]] int circle() const;
    [[nodiscard]] int widthOf(const QString &title) const;

    QStringList m_titles;
    int m_current = 0;
};

} // namespace tidemark::ui
