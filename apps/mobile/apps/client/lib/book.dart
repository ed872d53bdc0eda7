book();
